import type { SingleBar } from 'cli-progress'
import { count } from './output.ts'

/** Says on stderr how far a put is, where that is a terminal. */
export class PutProgress {
  readonly #bar: SingleBar | undefined

  private constructor(bar: SingleBar | undefined) {
    this.#bar = bar
  }

  /** `bytes` is how much there is to read; undefined when nobody knows. */
  static async start(bytes: number | undefined): Promise<PutProgress> {
    if (process.stderr.isTTY !== true) return new PutProgress(undefined)
    const { default: cliProgress } = await import('cli-progress')
    const format =
      bytes === undefined ? '{records} records' : '{bar} {percentage} %  {records} records  {eta_formatted} left'
    const bar = new cliProgress.SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true })
    bar.start(bytes ?? 0, 0, { records: '0' })
    return new PutProgress(bar)
  }

  update(bytes: number, records: number): void {
    this.#bar?.update(bytes, { records: count(records) })
  }

  /** Prints a line of its own; the bar goes on below it. */
  say(text: string): void {
    if (this.#bar !== undefined) process.stderr.write('\r\x1b[K')
    console.error(text)
  }

  stop(): void {
    this.#bar?.stop()
  }
}
