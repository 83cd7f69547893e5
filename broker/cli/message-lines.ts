import type { LineSink } from './line-run.ts'
import { pointedAt } from './pointer.ts'

/** Messages that may wait for their answer at once. */
const unansweredMax = 4_000

/** Sends each line as a message, and stops taking lines while too many are unanswered. */
export class MessageLines implements LineSink {
  readonly #send: (line: Uint8Array) => Promise<unknown>
  #unanswered = 0
  #wakes: (() => void)[] = []

  /** `send` is given a copy of each line: what is sent waits for its turn, and the line's bytes may be overwritten before. */
  constructor(send: (line: Uint8Array) => Promise<unknown>) {
    this.#send = send
  }

  put(line: Uint8Array): Promise<unknown> {
    const sent = this.#send(line.slice())
    this.#unanswered++
    return sent.finally(() => {
      this.#unanswered--
      for (const wake of this.#wakes.splice(0)) wake()
    })
  }

  ready(): Promise<void> {
    return this.#until(unansweredMax)
  }

  close(): Promise<void> {
    return this.#until(0)
  }

  async #until(unanswered: number): Promise<void> {
    while (this.#unanswered > unanswered) await new Promise<void>((resolve) => this.#wakes.push(resolve))
  }
}

/** Flags that say of which group a message is, and what tells it from others. */
export interface OrderFlags {
  readonly group?: string
  readonly groupText?: string
  readonly deduplicationId?: string
}

/**
 * What a line says of its group and its deduplication id.
 * @throws an Error, when a line has nothing where a pointer points
 */
export function orderIn({ group, groupText, deduplicationId }: OrderFlags) {
  const groupOf = group === undefined ? undefined : pointedAt(group)
  const idOf = deduplicationId === undefined ? undefined : pointedAt(deduplicationId)
  return (line: Uint8Array): { group?: string; deduplicationId?: string } => ({
    ...(groupText === undefined ? {} : { group: groupText }),
    ...(groupOf === undefined ? {} : { group: groupOf(line) }),
    ...(idOf === undefined ? {} : { deduplicationId: idOf(line) }),
  })
}
