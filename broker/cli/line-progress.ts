import type { SingleBar } from 'cli-progress'
import { count } from './output.ts'

/** Says on stderr how far the lines are, where that is a terminal. */
export class LineProgress {
  readonly #bar: SingleBar | undefined

  private constructor(bar: SingleBar | undefined) {
    this.#bar = bar
  }

  /** `bytes` is how much there is to read; undefined when nobody knows. */
  static async start(bytes: number | undefined): Promise<LineProgress> {
    if (process.stderr.isTTY !== true) return new LineProgress(undefined)
    const { default: cliProgress } = await import('cli-progress')
    const format = bytes === undefined ? '{lines} lines' : '{bar} {percentage} %  {lines} lines  {eta_formatted} left'
    const bar = new cliProgress.SingleBar({ format, stream: process.stderr, clearOnComplete: true, hideCursor: true })
    bar.start(bytes ?? 0, 0, { lines: '0' })
    return new LineProgress(bar)
  }

  update(bytes: number, lines: number): void {
    this.#bar?.update(bytes, { lines: count(lines) })
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
