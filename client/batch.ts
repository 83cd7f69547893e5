import { blocksOf, readBlockHeader } from '../broker/wire/block.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { BodyReader, type StoredRecord } from '../broker/wire/record.ts'
import { viewOf } from '../broker/wire/u64.ts'

const decoder = new TextDecoder()

/** One record as a consumer gets it. */
export class ConsumedRecord implements StoredRecord {
  readonly shard: number
  readonly sequence: number
  readonly key: string
  /** A window on the batch's bytes: copy what is to outlive the batch by far. */
  readonly data: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  readonly time: number

  constructor(shard: number, { sequence, key, data, headers, time }: StoredRecord) {
    this.shard = shard
    this.sequence = sequence
    this.key = key
    this.data = data
    this.headers = headers
    this.time = time
  }

  /** The data as UTF-8 text. */
  text(): string {
    return decoder.decode(this.data)
  }

  /** The data as JSON. */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T
  }
}

/** Some records of one shard, in order, that became durable together. */
export class Batch {
  readonly shard: number
  /** The sequence of its first record. */
  readonly first: number
  /** The sequence behind its last record. */
  readonly next: number
  /** When its first record was appended, milliseconds since 1970. */
  readonly time: number
  readonly #blocks: Uint8Array
  readonly #checkpoint: (next: number) => Promise<void>

  /** `blocks` are whole blocks, of which records before `first` were delivered already. */
  constructor(shard: number, extent: BatchExtent, blocks: Uint8Array, checkpoint: (next: number) => Promise<void>) {
    this.shard = shard
    this.first = extent.first
    this.next = extent.next
    this.time = extent.time
    this.#blocks = blocks
    this.#checkpoint = checkpoint
  }

  /** How many records there are. */
  get count(): number {
    return this.next - this.first
  }

  /** Bytes as they travelled. */
  get bytes(): number {
    return this.#blocks.length
  }

  /** The records; unpacked as they are asked for, anew for every iteration. */
  get records(): Iterable<ConsumedRecord> {
    return { [Symbol.iterator]: () => this.#records() }
  }

  [Symbol.iterator](): Iterator<ConsumedRecord> {
    return this.#records()
  }

  /**
   * Notes at the broker, under the subscription's consumer name, that all up to here is done; resolves when that is durable.
   * @throws bad_request when the subscription has no consumer name; unavailable
   */
  checkpoint(): Promise<void> {
    return this.#checkpoint(this.next)
  }

  *#records(): Generator<ConsumedRecord> {
    for (const { header, block } of blocksOf(this.#blocks)) {
      if (header.baseSequence + header.count <= this.first) continue
      const reader = new BodyReader(block)
      for (let i = 0; i < header.count; i++) {
        reader.next()
        const sequence = header.baseSequence + i
        if (sequence < this.first) continue
        const record = {
          sequence,
          key: reader.key(),
          data: reader.data(),
          headers: reader.headers(),
          time: header.appendTime,
        }
        yield new ConsumedRecord(this.shard, record)
      }
    }
  }
}

/** Which records of some blocks are meant. */
export interface BatchExtent {
  readonly first: number
  readonly next: number
  readonly time: number
}

/**
 * Which records in `blocks` lie at `position` or behind it; undefined when none does.
 * @throws block_malformed when they are not consecutive blocks
 */
export function extentOf(blocks: Uint8Array, position: number): BatchExtent | undefined {
  const view = viewOf(blocks)
  let next = 0
  let time = 0
  for (let at = 0; at < blocks.length; ) {
    const header = readBlockHeader(view, at)
    if (at > 0 && header.baseSequence !== next)
      throw new MillraceError('block_malformed', { reason: 'a gap in its sequences' })
    next = header.baseSequence + header.count
    if (time === 0 && next > position) time = header.appendTime
    if (at === 0 && header.baseSequence > position) position = header.baseSequence
    at += header.length
  }
  return next > position ? { first: position, next, time } : undefined
}
