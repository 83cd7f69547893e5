import { StringDecoder } from 'node:string_decoder'
import type { FunctionLogLine } from '../../broker/wire/function-host.ts'

/** What is kept of a function's lines. */
const linesMax = 2_000
const lineCharactersMax = 256 * 1024
const keptCharactersMax = 1024 * 1024

/** The last lines that a function wrote, and who waits for more. */
export class FunctionLog {
  #lines: FunctionLogLine[] = []
  #characters = 0
  #next = 0
  readonly #waiting = new Set<() => void>()

  add(text: string): void {
    this.#lines.push({ number: this.#next++, time: Date.now(), text })
    this.#characters += text.length
    while (this.#lines.length > linesMax || (this.#characters > keptCharactersMax && this.#lines.length > 1)) {
      this.#characters -= this.#lines.shift()?.text.length ?? 0
    }
    for (const wake of [...this.#waiting]) wake()
  }

  /** The lines from number `from` on; waits for one, up to `waitMillis`. */
  async read(from: number, waitMillis: number, signal: AbortSignal): Promise<readonly FunctionLogLine[]> {
    if (this.#next <= from && waitMillis > 0) await this.#wait(waitMillis, signal)
    return this.#lines.filter((line) => line.number >= from)
  }

  /** Nothing more will come: nobody waits on. */
  close(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  #wait(millis: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, millis)
      signal.addEventListener('abort', done)
      this.#waiting.add(done)
      if (signal.aborted) done()
    })
  }
}

/** Cuts what comes from a pipe into lines; a line without an end is cut where it gets too long. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#onLine(line)
    if (this.#rest.length > lineCharactersMax) this.flush()
  }

  /** Hands on what has no end yet. */
  flush(): void {
    if (this.#rest === '') return
    this.#onLine(this.#rest)
    this.#rest = ''
  }
}

/** The last 4 KiB of what was written while an invocation ran. */
export class LogTail {
  readonly #bytesMax = 4 * 1024
  #lines: string[] = []
  #characters = 0

  add(line: string): void {
    this.#lines.push(line)
    this.#characters += line.length + 1
    while (this.#characters - ((this.#lines[0]?.length ?? 0) + 1) > this.#bytesMax) {
      this.#characters -= (this.#lines.shift()?.length ?? 0) + 1
    }
  }

  bytes(): Uint8Array {
    const all = Buffer.from(this.#lines.map((line) => `${line}\n`).join(''))
    return all.subarray(Math.max(0, all.length - this.#bytesMax))
  }
}
