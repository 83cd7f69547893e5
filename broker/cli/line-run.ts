import { addAbortSignal } from 'node:stream'
import { RealClock } from '../clock.ts'
import { MillraceError } from '../wire/errors.ts'
import type { LineInput } from './line-input.ts'
import type { LineProgress } from './line-progress.ts'
import { type Line, LineSplitter } from './lines.ts'
import { count } from './output.ts'

/** Where lines go. */
export interface LineSink {
  /**
   * Resolves when the line is on the broker's disk.
   * @throws an Error, at once, that says why this line cannot go there
   */
  put(line: Uint8Array): Promise<unknown>
  /** Resolves when there is room for more. */
  ready(): Promise<void>
  /** Resolves when all that was put is settled. */
  close(): Promise<void>
}

export interface LineRunOptions {
  readonly sink: LineSink
  /** Longer lines are refused. */
  readonly lineBytesMax: number
  readonly progress: LineProgress
  /** Ends the reading; what was read is still put. */
  readonly signal: AbortSignal
}

/** Lines that were not stored are named one by one up to this many. */
const namedFailuresMax = 10
/** Errors that are about one line; any other would meet all that follow, too. */
const lineErrors: ReadonlySet<string> = new Set(['record_too_large', 'message_too_large', 'invalid_field'])

/** Puts lines, as fast as the broker takes them, and counts what became of them. */
export class LineRun {
  readonly #options: LineRunOptions
  /** Lines that are stored, and their bytes. */
  stored = 0
  bytes = 0
  failed = 0
  blank = 0
  /** How long it took. */
  millis = 0
  /** Why it ended early: something that is not about one line. */
  error: MillraceError | undefined
  #read = 0
  /** Lines that were put and are neither stored nor refused yet, and who waits until there are none. */
  #uncounted = 0
  #allCounted: (() => void) | undefined

  constructor(options: LineRunOptions) {
    this.#options = options
  }

  /** Puts all lines of all `inputs`, unless something ends it early, and waits until they are stored. */
  async run(inputs: readonly LineInput[]): Promise<void> {
    const { sink, progress } = this.#options
    const clock = new RealClock()
    const started = clock.now()
    try {
      for (const input of inputs) if (!this.#over) await this.#putAll(input)
    } finally {
      await sink.close()
      await this.#counted()
      progress.stop()
    }
    this.millis = clock.now() - started
  }

  async #putAll(input: LineInput): Promise<void> {
    const { sink, lineBytesMax, progress, signal } = this.#options
    const splitter = new LineSplitter(lineBytesMax)
    const source = addAbortSignal(signal, input.open())
    try {
      for await (const chunk of source) {
        for (const line of splitter.push(chunk as Uint8Array)) this.#putLine(input, line)
        await sink.ready()
        if (this.#over) return
        this.#read += (chunk as Uint8Array).length
        progress.update(this.#read, this.stored)
      }
    } catch (cause) {
      if (!signal.aborted) throw unreadable(input, cause)
    }
    // A line that Ctrl-C cut in two is no line.
    if (!signal.aborted) for (const line of splitter.end()) this.#putLine(input, line)
  }

  /** Whether there is no use in going on. */
  get #over(): boolean {
    return this.error !== undefined || this.#options.signal.aborted
  }

  #putLine(input: LineInput, { number, bytes, cut }: Line): void {
    const where = input.nameOf(number)
    if (cut) this.#fail(where, tooLong(bytes, this.#options.lineBytesMax))
    else if (bytes.length === 0) this.blank++
    else {
      try {
        const put = this.#options.sink.put(bytes)
        this.#uncounted++
        put.then(
          () => this.#stored(bytes.length),
          (error: unknown) => this.#refused(where, MillraceError.wrap(error)),
        )
      } catch (error) {
        this.#fail(where, (error as Error).message)
      }
    }
  }

  #stored(bytes: number): void {
    this.stored++
    this.bytes += bytes
    this.#count()
  }

  #refused(where: string, error: MillraceError): void {
    this.#count()
    if (lineErrors.has(error.code)) {
      this.#fail(where, error.message)
      return
    }
    this.failed++
    if (this.error === undefined) this.#options.progress.say(`millrace: stopped at ${where}`)
    this.error ??= error
  }

  #count(): void {
    this.#uncounted--
    if (this.#uncounted === 0) this.#allCounted?.()
  }

  async #counted(): Promise<void> {
    if (this.#uncounted === 0) return
    await new Promise<void>((resolve) => {
      this.#allCounted = resolve
    })
  }

  #fail(where: string, message: string): void {
    this.failed++
    const { progress } = this.#options
    if (this.failed <= namedFailuresMax) progress.say(`millrace: ${where}: ${message}`)
    if (this.failed === namedFailuresMax + 1) progress.say('millrace: more lines fail; they are counted')
  }
}

function tooLong(beginning: Uint8Array, limit: number): string {
  const text = `is longer than what is taken here, ${count(limit)} bytes`
  const array = Buffer.from(beginning.subarray(0, 64)).toString().trimStart().startsWith('[')
  return array ? `${text}; of a JSON array, make lines: jq -c '.[]'` : text
}

function unreadable(input: LineInput, cause: unknown): MillraceError {
  const reason = `cannot be read: ${(cause as Error).message}`
  return new MillraceError('invalid_field', { field: input.nameOf(1), reason }, cause)
}
