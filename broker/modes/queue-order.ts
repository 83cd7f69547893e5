import type { StoredMessage } from './queue-reader.ts'
import type { Held } from './queue-state.ts'

/** What to do next to find messages to give out. */
export type Step =
  /** These may be given out, together, in this order. */
  | { readonly kind: 'give'; readonly identities: readonly number[] }
  /** Look at the message at this place first, and say `seen`. */
  | { readonly kind: 'read'; readonly sequence: number }
  /** There is nothing to give out now. */
  | { readonly kind: 'none' }

/** Decides which messages of a queue come next. It knows the backlog by a cursor only. */
export interface QueueOrder {
  /** `want`: how many can be taken. `lookAhead`: whether more may be read to find better ones. */
  next(want: number, lookAhead: boolean, now: number): Step
  /** The message the cursor stood at. */
  seen(message: StoredMessage, lookAhead: boolean, now: number): void
  /** There is no message at the place where the cursor stands any more. */
  passed(sequence: number): void
  /** A message was taken: it is in flight now. */
  took(held: Held): void
  /** A message can be given out again, or for the first time. */
  visible(held: Held): void
  /** A message was appended again, or at a start was found to have been: the cursor will not come by it. */
  entered(held: Held): void
  /** Messages without a receive so far, from `first` to `next`, became visible behind the cursor's back. */
  visibleRange(first: number, next: number): void
  /** A message is gone, or leaves; `held` says what it was. */
  removed(held: Held): void
  /** When something becomes visible that only the order knows of; Infinity for never. */
  readonly due: number
  /** Messages in front of the cursor were appended. */
  readonly cursor: number
}
