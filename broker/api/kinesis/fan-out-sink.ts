import type { Broker } from '../../broker.ts'
import type { Clock } from '../../clock.ts'
import type { Cursor } from '../../log/cursor.ts'
import type { FrameTarget } from '../../log/frame-sink.ts'
import type { Log } from '../../log/log.ts'
import type { Shard } from '../../log/shard.ts'
import type { SubscriptionSink } from '../../log/subscription.ts'
import { RunCache } from '../../modes/fan-out.ts'
import { visitRecords } from '../../modes/stream-records.ts'
import type { MillraceError } from '../../wire/errors.ts'
import { exceptionMessage, shardEvent, shardEventPayloadAt } from '../../wire/event-stream.ts'
import { childShards, numbersOf } from './describing.ts'
import { JsonRecords } from './record-list.ts'

/** An event holds about as much data, or one record: clients take messages of up to 24 MiB. */
const eventDataBytes = 4 * 1024 * 1024

/** A run as events for who has all that came before and nothing to come after. */
export interface SharedEvent {
  readonly message: Buffer
  /** Where the JSON of its records ends; it begins behind the event's beginning. */
  readonly recordsEnd: number
  /** The sequence behind its last record. */
  readonly next: number
  /** When that was appended. */
  readonly time: number
}

const begin = Buffer.from('{"Records":[')
const recordsStart = shardEventPayloadAt + begin.length

export interface FanOutSinkOptions {
  readonly target: FrameTarget
  readonly log: Log
  readonly shard: Shard
  readonly clock: Clock
  /** Whether records are to say that they are encrypted. */
  readonly encrypted: boolean
  readonly events: RunCache<readonly SharedEvent[]>
  /** Called when the shard was closed and read to its end. */
  readonly onShardEnd: () => void
}

/**
 * What a subscription reads, as the events of SubscribeToShard. A run is made into events once, and all who are right behind it are handed
 * those very buffers; who is further behind gets the same records in an event that says how far.
 */
export class FanOutSink implements SubscriptionSink {
  readonly #options: FanOutSinkOptions

  constructor(options: FanOutSinkOptions) {
    this.#options = options
  }

  begins(): boolean {
    return true
  }

  records(frames: Uint8Array, from: number, cursor: Cursor, live: boolean): boolean {
    const events = this.#events(frames, from, cursor, live)
    const now = this.#options.clock.now()
    let more = true
    for (const event of events) more = this.#options.target.write(cursor.atEnd ? event.message : this.#late(event, now))
    return more
  }

  idle(cursors: readonly Cursor[]): boolean {
    const { target, log, shard, clock } = this.#options
    const [cursor] = cursors
    if (cursor === undefined) return true
    const behind = cursor.atEnd ? 0 : clock.now() - shard.lastTime
    return target.write(shardEvent(begin, envelope(numbersOf(log, shard).before(cursor.position), behind)))
  }

  shardEnd(shard: Shard): boolean {
    const { target, log, onShardEnd } = this.#options
    const end = { Records: [], MillisBehindLatest: 0, ChildShards: childShards(log, shard) }
    target.write(shardEvent(Buffer.from(JSON.stringify(end))))
    onShardEnd()
    return true
  }

  drain(): void {
    // A stream that just ends is what clients of AWS subscribe again after.
  }

  fail(error: MillraceError): void {
    // Of a deleted stream, or to who takes nothing, there is nothing to be said.
    if (error.code === 'stream_not_found' || error.code === 'cancelled') return
    this.#options.target.write(exceptionMessage('InternalFailureException', error.message))
  }

  end(): void {
    this.#options.target.end()
  }

  #events(frames: Uint8Array, from: number, cursor: Cursor, live: boolean): readonly SharedEvent[] {
    const { events, shard } = this.#options
    // A run that is read from its middle, or by one reader alone, is of no use to others.
    const shared = live && shard.listeners.size > 1 && shard.tail.find(from)?.base === from
    if (!shared) return this.#make(frames, from, cursor.position)
    return events.get(frames, () => {
      const made = this.#make(frames, from, cursor.position)
      return { made, bytes: made.reduce((sum, { message }) => sum + message.length, 0) }
    })
  }

  /** The records of `frames` as events that say that nothing comes after them. */
  #make(frames: Uint8Array, from: number, end: number): SharedEvent[] {
    const { log, shard, encrypted } = this.#options
    const numbers = numbersOf(log, shard)
    const made: SharedEvent[] = []
    let records: JsonRecords | undefined
    const close = (next: number) => {
      if (records === undefined) return
      const time = records.lastTime
      const json = records.finish()
      const message = shardEvent(begin, json, envelope(numbers.before(next), 0))
      made.push({ message, recordsEnd: recordsStart + json.length, next, time })
      records.release()
      records = undefined
    }
    visitRecords(frames, from, (reader, sequence, time) => {
      if (records !== undefined && records.bytes + reader.dataBytes > eventDataBytes) close(sequence)
      records ??= new JsonRecords(numbers, encrypted)
      records.add(reader, sequence, time)
      return true
    })
    close(end)
    return made
  }

  #late({ message, recordsEnd, next, time }: SharedEvent, now: number): Buffer {
    const { log, shard } = this.#options
    const behind = Math.max(0, now - time)
    return shardEvent(
      begin,
      message.subarray(recordsStart, recordsEnd),
      envelope(numbersOf(log, shard).before(next), behind),
    )
  }
}

const caches = new WeakMap<Broker, RunCache<readonly SharedEvent[]>>()

/** The events that all readers of a broker share. */
export function sharedEvents(broker: Broker): RunCache<readonly SharedEvent[]> {
  let cache = caches.get(broker)
  if (cache === undefined) {
    cache = new RunCache(broker.limits.fanOutEventBytesMax)
    caches.set(broker, cache)
  }
  return cache
}

/** What stands behind the records of an event. */
function envelope(continuation: string, behindMillis: number): Buffer {
  return Buffer.from(`],"ContinuationSequenceNumber":"${continuation}","MillisBehindLatest":${behindMillis}}`)
}
