import type { Cursor } from '../../log/cursor.ts'
import type { FrameTarget } from '../../log/frame-sink.ts'
import type { Shard } from '../../log/shard.ts'
import type { SubscriptionSink } from '../../log/subscription.ts'
import { blocksOf } from '../../wire/block.ts'
import { MillraceError } from '../../wire/errors.ts'
import { framesOf } from '../../wire/frame.ts'
import { BodyReader, type StoredRecord } from '../../wire/record.ts'

const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true })

/**
 * What a subscription reads as server-sent events (HTML, section 9.2): one for each record. The id of each says where reading is in every
 * shard, so that a browser which comes back misses nothing and gets nothing twice.
 */
export class EventSink implements SubscriptionSink {
  readonly #target: FrameTarget
  readonly #positions = new Map<number, number>()
  #begun = false

  constructor(target: FrameTarget) {
    this.#target = target
  }

  begins({ number }: Shard, sequence: number): boolean {
    this.#positions.set(number, sequence)
    if (this.#begun) return true
    this.#begun = true
    // All shards begin in one turn. The browser has to know where that is before the first record comes.
    queueMicrotask(() => this.#say(`retry: 1000\nid: ${this.#id()}\n\n`))
    return true
  }

  records(frames: Uint8Array, from: number, { shard }: Cursor): boolean {
    let events = ''
    for (const { payload } of framesOf(frames)) {
      for (const { header, block } of blocksOf(payload)) {
        const reader = new BodyReader(block)
        for (let i = 0; i < header.count; i++) {
          reader.next()
          const sequence = header.baseSequence + i
          if (sequence < from) continue
          const [key, data, headers] = [reader.key(), reader.data(), reader.headers()]
          this.#positions.set(shard.number, sequence + 1)
          events += this.#event(shard.number, { sequence, key, data, headers, time: header.appendTime })
        }
      }
    }
    return this.#say(events)
  }

  idle(): boolean {
    return this.#say(': nothing new\n\n')
  }

  shardEnd(): boolean {
    return true
  }

  drain(): void {
    // The browser comes back by itself, and goes on behind the last id.
  }

  fail(error: MillraceError): void {
    this.#say(`event: failure\ndata: ${JSON.stringify(error)}\n\n`)
  }

  end(): void {
    this.#target.end()
  }

  #event(shard: number, { sequence, key, data, headers, time }: StoredRecord): string {
    const value = {
      shard,
      sequence,
      key,
      time,
      ...contentOf(data),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
    }
    return `id: ${this.#id()}\ndata: ${JSON.stringify(value)}\n\n`
  }

  #id(): string {
    return [...this.#positions].map(([shard, next]) => `${shard}-${next}`).join(',')
  }

  #say(text: string): boolean {
    return this.#target.write(encoder.encode(text))
  }
}

/** Text where the data is that, else base64. */
function contentOf(data: Uint8Array): { text: string } | { data: string } {
  try {
    return { text: strict.decode(data) }
  } catch {
    // It is binary.
    return { data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') }
  }
}

/**
 * The positions in an event's id.
 * @throws invalid_field
 */
export function positionsIn(id: string): Record<number, number> {
  const positions = id.split(',').map((each) => /^(\d{1,10})-(\d{1,16})$/.exec(each))
  if (positions.length > 10_000 || positions.some((each) => each === null)) {
    throw new MillraceError('invalid_field', { field: 'last-event-id', reason: 'is not an id that this broker gave' })
  }
  return Object.fromEntries(positions.map((each) => [Number(each?.[1]), Number(each?.[2])]))
}
