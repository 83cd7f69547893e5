import { Packr } from 'msgpackr'
import type { MessageAttribute } from './queue-message.ts'
import type { RetrySchedule } from './retry-schedule.ts'

/** Own data only, and plain maps and arrays only. */
const packr = new Packr({ useRecords: false })

/**
 * What is on its way to a function or an HTTP endpoint: the body of a message of its route's hidden queue. Where it goes, and what
 * it needs to be let in there, is said by the route's binding; never here, since a queue can be looked into.
 */
export interface OutgoingDelivery {
  /** Tells it from all others of its source. */
  readonly id: string
  /** The event of a function, or the body of a request. */
  readonly payload: Uint8Array
  /** When it was published, milliseconds since 1970: its age is counted from then. */
  readonly time: number
  /** HTTP: POST by default. */
  readonly method?: string
  /** HTTP: instead of the target's own. */
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What the message has beside its body, for the dead letter. */
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  /** What the dead letter says, where that is not the payload. */
  readonly letter?: Uint8Array
  /** X-Ray's trace header. */
  readonly trace?: string
  /** How it is tried, where many with rules of their own share a route. */
  readonly policy?: OutgoingPolicy
}

/** Instead of what its route says. */
export interface OutgoingPolicy {
  readonly ageMillisMax: number | null
  readonly retry: RetrySchedule
  /** The queue that hears of what was given up. */
  readonly deadLetter?: string
}

export function packDelivery(delivery: OutgoingDelivery): Uint8Array {
  return packr.pack(delivery)
}

/** Reads what `packDelivery` wrote. */
export function unpackDelivery(bytes: Uint8Array): OutgoingDelivery {
  return packr.unpack(bytes) as OutgoingDelivery
}
