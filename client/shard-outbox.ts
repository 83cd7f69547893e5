import { sealBlock } from '../broker/wire/block.ts'
import type { MillraceError } from '../broker/wire/errors.ts'
import { type BlockWriter, BodyReader, type RecordInput } from '../broker/wire/record.ts'
import type { WriterPool } from '../broker/wire/writer-pool.ts'
import type { PutSink } from './put-sinks.ts'

/** A record with its data as bytes, and who hears of it. */
export interface OutgoingRecord extends RecordInput {
  readonly hashKey?: bigint | undefined
  readonly sink: PutSink
  readonly place: number
}

/** A block that was cut and is not settled. */
export interface OutgoingBlock {
  readonly shard: number
  readonly bytes: Uint8Array
  /** What wrote it, and writes another one when the broker has this. */
  readonly writer: BlockWriter
  /** Who hears of its records, in their order, and as what. No more of them: a record kept here would keep its data in memory twice. */
  readonly sinks: readonly PutSink[]
  readonly places: readonly number[]
  /** Hash keys that were given for its records, by their place in the block. */
  readonly hashKeys: ReadonlyMap<number, bigint> | undefined
  /** Bytes of its records' data. */
  readonly dataBytes: number
  sequence: number
  sent: boolean
  /** Why the broker did not store it. */
  rejection: MillraceError | undefined
}

/** What a producer has for one shard: the block being filled, and cut blocks in order, sent or not, until they are settled. */
export class ShardOutbox {
  readonly shard: number
  readonly #producerId: number
  readonly #writers: WriterPool
  /** Of the block being filled. */
  #writer: BlockWriter | undefined
  /** Of the last block: the next one will be about as large. */
  #lastBytes = 0
  #sinks: PutSink[] = []
  #places: number[] = []
  #hashKeys: Map<number, bigint> | undefined
  #dataBytes = 0
  #nextSequence = 0
  /** Cut and unsettled blocks, oldest first. */
  blocks: OutgoingBlock[] = []
  /** How many of them, from the front, were sent in this session. */
  inFlight = 0

  constructor(shard: number, producerId: number, writers: WriterPool) {
    this.shard = shard
    this.#producerId = producerId
    this.#writers = writers
  }

  /** Bytes of the block being filled. */
  get fillingBytes(): number {
    return this.#writer?.bytes ?? 0
  }

  get empty(): boolean {
    return this.blocks.length === 0 && this.#sinks.length === 0
  }

  /** Adds a record; its bytes are copied. Cuts the block when it is full. */
  add(record: OutgoingRecord, blockBytes: number): void {
    const { key, data, headers, hashKey } = record
    if (this.#sinks.length > 0 && this.fillingBytes + data.length > blockBytes) this.cut()
    this.#writer ??= this.#writers.take(this.#lastBytes)
    this.#writer.add(key, data, headers)
    if (hashKey !== undefined) {
      this.#hashKeys ??= new Map()
      this.#hashKeys.set(this.#sinks.length, hashKey)
    }
    this.#sinks.push(record.sink)
    this.#places.push(record.place)
    this.#dataBytes += data.length
    if (this.#writer.full) this.cut()
  }

  /** Closes the block being filled, if there is anything in it. */
  cut(): void {
    const writer = this.#writer
    if (this.#sinks.length === 0 || writer === undefined) return
    const sequence = this.#nextSequence++
    const bytes = writer.finish(this.#producerId, sequence)
    const { shard } = this
    this.blocks.push({
      shard,
      bytes,
      writer,
      sinks: this.#sinks,
      places: this.#places,
      hashKeys: this.#hashKeys,
      dataBytes: this.#dataBytes,
      sequence,
      sent: false,
      rejection: undefined,
    })
    this.#writer = undefined
    this.#lastBytes = bytes.length
    this.#sinks = []
    this.#places = []
    this.#hashKeys = undefined
    this.#dataBytes = 0
  }

  /** Drops a block that was stored. */
  settled(block: OutgoingBlock): void {
    if (this.blocks[0] === block) this.blocks.shift()
    else this.blocks = this.blocks.filter((each) => each !== block)
    this.inFlight--
    this.#writers.giveBack(block.writer)
  }

  /**
   * Makes ready for a new session: drops the blocks that failed for good and returns them, and renumbers those behind them, since
   * the broker waits for the number of the first that is missing. Nothing behind a rejected block was stored.
   */
  rewind(isFinal: (error: MillraceError) => boolean): { block: OutgoingBlock; error: MillraceError }[] {
    const failed = this.blocks.flatMap((block) => {
      const error = block.rejection
      return error !== undefined && isFinal(error) ? [{ block, error }] : []
    })
    const first = failed[0]?.block.sequence
    const gone = new Set(failed.map(({ block }) => block))
    this.blocks = this.blocks.filter((block) => !gone.has(block))
    this.inFlight = 0
    let next = first
    for (const block of this.blocks) {
      block.sent = false
      block.rejection = undefined
      if (next === undefined || block.sequence < next) continue
      block.sequence = next++
      sealBlock(block.bytes, block.sinks.length, this.#producerId, block.sequence)
    }
    if (next !== undefined) this.#nextSequence = next
    return failed
  }

  /** Empties it: its records, oldest first, to be packed again for other shards. */
  *unpack(): Generator<OutgoingRecord> {
    this.cut()
    for (const block of this.blocks) {
      const reader = new BodyReader(block.bytes)
      for (const [i, sink] of block.sinks.entries()) {
        reader.next()
        const headers = reader.headers()
        yield {
          key: reader.key(),
          data: reader.data(),
          ...(Object.keys(headers).length === 0 ? {} : { headers }),
          hashKey: block.hashKeys?.get(i),
          sink,
          place: block.places[i] as number,
        }
      }
    }
    this.blocks = []
    this.inFlight = 0
  }
}
