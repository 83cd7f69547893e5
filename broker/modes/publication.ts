import type { Log } from '../log/log.ts'
import type { RouteBinding } from '../wire/binding.ts'
import type { OutgoingDelivery } from '../wire/outgoing-delivery.ts'
import type { OutgoingMessage, SentMessage } from './queue-sender.ts'

/**
 * Something that goes to several logs of this broker at once: what is gathered here is committed together, all or nothing. Made by whoever
 * may see streams and queues, and handed to the modes that route.
 */
export interface Publication {
  /**
   * The message on which all others depend: where it is a duplicate, nothing is published. Of a hidden FIFO queue.
   * @throws message_too_large, group_required, deduplication_required
   */
  unlessKnown(hiddenQueue: string, message: OutgoingMessage): void
  /** @throws queue_not_found, message_too_large, group_required, deduplication_required */
  toQueue(queue: string, message: OutgoingMessage): void
  /** @throws stream_not_found, record_too_large */
  toStream(stream: string, record: { readonly key: string; readonly data: Uint8Array }): void
  /** A record of a mode's own log. */
  toLog(log: Log, record: { readonly key: string; readonly data: Uint8Array }): void
  /** What a function or an HTTP endpoint is to get: it waits in the route's hidden queue. */
  toHidden(route: RouteBinding, delivery: OutgoingDelivery): void
  /** A mode's journal entry that is to be durable with the rest. */
  toJournal(owner: number, entry: Uint8Array): void
  /**
   * Resolves, when all of it is durable, with what became of the message on which it depends.
   * @throws publication_too_large, throttled, store_full, queue_not_found, stream_not_found; then nothing of it is stored
   */
  commit(): Promise<SentMessage | undefined>
}

/** Begins a publication. */
export type NewPublication = () => Publication
