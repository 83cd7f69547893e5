import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import type { Connection } from './connection.ts'
import { QueueLink } from './queue-link.ts'
import type { OutgoingMessage, SentMessage } from './queue-message.ts'
import { endOfTurn } from './turn.ts'

interface Waiting {
  readonly message: OutgoingMessage
  readonly bytes: number
  readonly resolve: (sent: SentMessage) => void
  readonly reject: (error: MillraceError) => void
}

/** What one frame takes. */
const messagesMax = 1_000
const bytesMax = 1024 * 1024
/** While so many frames are unanswered the next messages gather, so that the frames get larger where the disk is slow. */
const framesMax = 4

/** Sends messages in batches of what came in one turn, or while earlier ones were on their way. */
export class QueueOutbox {
  readonly #link: QueueLink
  #waiting: Waiting[] = []
  #scheduled = false
  #error: MillraceError | undefined
  #idle: (() => void)[] = []

  constructor(connection: Connection, path: string) {
    this.#link = new QueueLink(connection, path, {
      opened: () => undefined,
      messages: () => undefined,
      failed: (error) => this.#fail(error),
    })
  }

  /** Whether it can't be used any more. */
  get failed(): boolean {
    return this.#error !== undefined
  }

  send(message: OutgoingMessage, bytes: number): Promise<SentMessage> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) reject(this.#error)
      else {
        this.#waiting.push({ message, bytes, resolve, reject })
        this.#schedule()
      }
    })
  }

  /** Sends what waits, and ends. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await this.#link.close()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    endOfTurn(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#link.unanswered < framesMax) {
      let count = 0
      for (let bytes = 0; count < this.#waiting.length && count < messagesMax; count++) {
        bytes += (this.#waiting[count] as Waiting).bytes
        if (bytes > bytesMax && count > 0) break
      }
      this.#sendTogether(this.#waiting.splice(0, count))
    }
    if (this.#waiting.length === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #sendTogether(batch: readonly Waiting[]): void {
    const settled = this.#link.request(
      'send',
      batch.map(({ message }) => message),
    )
    settled.then(
      (results) => {
        for (const [i, each] of batch.entries()) settle(each, results[i] as Partial<SentMessage & ErrorBody>)
        this.#flush()
      },
      (error: MillraceError) => {
        for (const each of batch) each.reject(error)
        this.#flush()
      },
    )
  }

  #fail(error: MillraceError): void {
    this.#error = error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function settle({ resolve, reject }: Waiting, result: Partial<SentMessage & ErrorBody>): void {
  if (result.code !== undefined) reject(MillraceError.from(result))
  else resolve(result as SentMessage)
}
