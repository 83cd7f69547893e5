import { readBlockHeader } from '../wire/block.ts'
import type { MillraceError } from '../wire/errors.ts'
import type { BlockWriter } from '../wire/record.ts'
import { viewOf } from '../wire/u64.ts'
import { WriterPool } from '../wire/writer-pool.ts'
import type { Committer } from './committer.ts'
import type { Shard } from './shard.ts'

/** Hears what became of records that were gathered, each under the `place` it was given in with. */
export interface GatherSink {
  /** On disk. */
  stored(place: number, shard: Shard, sequence: number, time: number): void
  /** Not stored. */
  failed(place: number, error: MillraceError): void
}

/** A block that is being filled. */
interface OpenBlock {
  readonly shard: Shard
  readonly writer: BlockWriter
  /** For each record, who hears of it and as what. */
  readonly sinks: GatherSink[]
  readonly places: number[]
}

/** Blocks are cut near this size, so that a reader of one record never has to take much more with it. */
const blockBytesTarget = 1024 * 1024

/**
 * Puts records that come one by one, or in small lists, from many callers into blocks: what arrives for one shard until the next commit is put
 * together is one block, whoever sent it. So a thousand callers with one record each cost one block's header and CRC, and not a thousand.
 */
export class Gatherer {
  readonly #committer: Committer
  #blocks = new Map<Shard, OpenBlock>()
  readonly #writers = new WriterPool()

  constructor(committer: Committer) {
    this.#committer = committer
  }

  /**
   * Takes a checked record, whose bytes are copied. `expectedBytes` is about what will come for this shard in this turn. `sink` hears of it
   * once, now or in a later turn.
   */
  add(shard: Shard, key: string, data: Uint8Array, sink: GatherSink, place: number, expectedBytes = 0): void {
    let block = this.#blocks.get(shard)
    if (block !== undefined && (block.writer.full || block.writer.bytes + data.length > blockBytesTarget)) {
      this.#close(block)
      block = undefined
    }
    if (block === undefined) {
      const writer = this.#writers.take(Math.min(expectedBytes, blockBytesTarget))
      block = { shard, writer, sinks: [], places: [] }
      if (this.#blocks.size === 0) this.#committer.beforeCommit(() => this.#closeAll())
      this.#blocks.set(shard, block)
    }
    block.writer.add(key, data)
    block.sinks.push(sink)
    block.places.push(place)
  }

  #closeAll(): void {
    const blocks = this.#blocks
    this.#blocks = new Map()
    for (const block of blocks.values()) this.#append(block)
  }

  #close(block: OpenBlock): void {
    this.#blocks.delete(block.shard)
    this.#append(block)
  }

  #append({ shard, writer, sinks, places }: OpenBlock): void {
    const block = writer.finish(0, 0)
    this.#committer.append(shard, {
      block,
      header: readBlockHeader(viewOf(block)),
      settlement: {
        committed: (base, time) => {
          this.#writers.giveBack(writer)
          for (let i = 0; i < sinks.length; i++) sinks[i]?.stored(places[i] as number, shard, base + i, time)
        },
        failed: (error) => {
          this.#writers.giveBack(writer)
          for (let i = 0; i < sinks.length; i++) sinks[i]?.failed(places[i] as number, error)
        },
      },
    })
  }
}
