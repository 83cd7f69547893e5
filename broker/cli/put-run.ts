import { addAbortSignal } from 'node:stream'
import type { Producer } from '../../client/index.ts'
import { MillraceError } from '../wire/errors.ts'
import { type Line, LineSplitter } from './lines.ts'
import { count } from './output.ts'
import type { PutInput } from './put-input.ts'
import type { PutProgress } from './put-progress.ts'
import type { KeyOf } from './record-key.ts'

export interface PutRunOptions {
  readonly producer: Producer
  readonly keyOf: KeyOf
  readonly headers: Readonly<Record<string, string>> | undefined
  /** The stream's largest record. */
  readonly recordBytesMax: number
  readonly progress: PutProgress
  /** Ends the reading; what was read is still put. */
  readonly signal: AbortSignal
}

/** Lines that were not stored are named one by one up to this many. */
const namedFailuresMax = 10
/** Errors that are about one line; any other would meet all that follow, too. */
const lineErrors: ReadonlySet<string> = new Set(['record_too_large', 'invalid_field'])

/** Puts lines, as fast as the broker takes them, and counts what became of them. */
export class PutRun {
  readonly #options: PutRunOptions
  /** What is stored. */
  records = 0
  bytes = 0
  failed = 0
  blank = 0
  /** Why it ended early: something that is not about one line. */
  error: MillraceError | undefined
  #read = 0

  constructor(options: PutRunOptions) {
    this.#options = options
  }

  /** Puts all lines of `input`, unless something ends it early; what it put may not be stored yet. */
  async put(input: PutInput): Promise<void> {
    const { recordBytesMax, progress, signal } = this.#options
    const splitter = new LineSplitter(recordBytesMax)
    const source = addAbortSignal(signal, input.open())
    try {
      for await (const chunk of source) {
        for (const line of splitter.push(chunk as Uint8Array)) {
          this.#putLine(input, line)
        }
        await this.#options.producer.ready()
        if (this.over) return
        this.#read += (chunk as Uint8Array).length
        progress.update(this.#read, this.records)
      }
    } catch (cause) {
      if (!signal.aborted) throw unreadable(input, cause)
    }
    // A line that Ctrl-C cut in two is no line.
    if (!signal.aborted) for (const line of splitter.end()) this.#putLine(input, line)
  }

  /** Whether there is no use in going on. */
  get over(): boolean {
    return this.error !== undefined || this.#options.signal.aborted
  }

  #putLine(input: PutInput, { number, bytes, cut }: Line): void {
    if (bytes.length === 0 && !cut) {
      this.blank++
      return
    }
    const { producer, keyOf, headers, recordBytesMax } = this.#options
    const where = input.nameOf(number)
    if (cut) {
      this.#fail(where, tooLong(bytes, recordBytesMax))
      return
    }
    let key: string
    try {
      key = keyOf(bytes)
    } catch (error) {
      this.#fail(where, (error as Error).message)
      return
    }
    producer.put({ key, data: bytes, ...(headers === undefined ? {} : { headers }) }).then(
      () => {
        this.records++
        this.bytes += bytes.length
      },
      (error: unknown) => this.#refused(where, MillraceError.wrap(error)),
    )
  }

  #refused(where: string, error: MillraceError): void {
    if (lineErrors.has(error.code)) {
      this.#fail(where, error.message)
      return
    }
    this.failed++
    if (this.error === undefined) this.#options.progress.say(`millrace: stopped at ${where}`)
    this.error ??= error
  }

  #fail(where: string, message: string): void {
    this.failed++
    const { progress } = this.#options
    if (this.failed <= namedFailuresMax) progress.say(`millrace: ${where}: ${message}`)
    if (this.failed === namedFailuresMax + 1) progress.say('millrace: more lines fail; they are counted')
  }
}

function tooLong(beginning: Uint8Array, limit: number): string {
  const text = `is longer than the largest record of this stream, ${count(limit)} bytes`
  const array = Buffer.from(beginning.subarray(0, 64)).toString().trimStart().startsWith('[')
  return array ? `${text}; of a JSON array, make lines: jq -c '.[]'` : text
}

function unreadable(input: PutInput, cause: unknown): MillraceError {
  const reason = `cannot be read: ${(cause as Error).message}`
  return new MillraceError('invalid_field', { field: input.nameOf(1), reason }, cause)
}
