import { bytesText } from './byte-size.ts'
import { exitCodes } from './exit-codes.ts'
import { lineInputs } from './line-input.ts'
import { LineProgress } from './line-progress.ts'
import { LineRun, type LineSink } from './line-run.ts'
import { count, counted, printJson, printLine } from './output.ts'

export interface PutLinesOptions {
  /** Where lines come from; stdin when none is given. */
  readonly files: readonly string[]
  /** Opened once the files are known to be there. */
  readonly sink: () => LineSink
  readonly lineBytesMax: number
  readonly signal: AbortSignal
  /** Whether the counts are printed as JSON. */
  readonly json: boolean
  /** What a line becomes: `record`. */
  readonly noun: string
  /** Where it becomes that, as the JSON has it: `{ stream: 'orders' }`. */
  readonly target: Readonly<Record<string, string>>
}

/**
 * Puts lines of files or stdin, prints what became of them, and sets the exit code.
 * @throws whatever ended it early, once the counts are printed
 */
export async function putLines(options: PutLinesOptions): Promise<void> {
  const { files, signal, lineBytesMax } = options
  const inputs = await lineInputs(files)
  if (files.length === 0 && process.stdin.isTTY) {
    console.error('millrace: putting what you type, line by line; Ctrl-D ends')
  }
  const sizes = inputs.map(({ bytes }) => bytes)
  const known = sizes.every((size) => size !== undefined)
  const progress = await LineProgress.start(known ? sizes.reduce((sum, size) => sum + size, 0) : undefined)
  const run = new LineRun({ sink: options.sink(), lineBytesMax, progress, signal })
  await run.run(inputs)
  await printResult(run, options)
  if (run.error !== undefined) throw run.error
  if (run.failed > 0 && !signal.aborted) process.exitCode = exitCodes.failed
}

async function printResult(run: LineRun, { json, noun, target }: PutLinesOptions): Promise<void> {
  const { stored, failed, blank, bytes, millis } = run
  if (json) {
    await printJson({ ...target, [`${noun}s`]: stored, failed, blank, bytes, millis })
    return
  }
  const rate = count(Math.round((stored * 1000) / Math.max(1, millis)))
  const seconds = (millis / 1000).toFixed(2)
  const where = Object.values(target).join()
  await printLine(`Put ${counted(stored, noun)} (${bytesText(bytes)}) on ${where} in ${seconds} s: ${rate} ${noun}s/s.`)
  if (blank > 0) await printLine(`Left out ${counted(blank, 'blank line')}.`)
  if (failed > 0) console.error(`millrace: ${counted(failed, 'line was', 'lines were')} not stored`)
}
