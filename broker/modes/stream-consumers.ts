import { Packr } from 'msgpackr'
import type { JournalOwner } from '../log/journal.ts'
import type { Logs } from '../log/logs.ts'
import { MillraceError } from '../wire/errors.ts'

/** Own data only, and plain maps and arrays only. */
const packr = new Packr({ useRecords: false })

type Entry =
  | {
      readonly kind: 'checkpoint'
      readonly stream: number
      readonly consumer: string
      readonly shards: [number, number][]
    }
  | {
      readonly kind: 'fence'
      readonly stream: number
      readonly consumer: string
      readonly shard: number
      readonly fence: number
    }
  | { readonly kind: 'delete'; readonly stream: number; readonly consumer: string }

/** What the broker keeps under a consumer's name. */
export interface Consumer {
  /** Shard to the sequence of the next record to read. */
  readonly checkpoints: Map<number, number>
  /** Shard to the fence of whoever leased it last. */
  readonly fences: Map<number, number>
}

interface Snapshot {
  stream: number
  consumer: string
  checkpoints: [number, number][]
  fences: [number, number][]
}

/** The consumers of all streams: checkpoints and fences, kept in the journal. What is seen here is durable. */
export class Consumers implements JournalOwner {
  readonly number = 1
  readonly #consumers = new Map<number, Map<string, Consumer>>()
  #logs: Logs | undefined

  /** Says where entries are written; reading them back comes first. */
  attach(logs: Logs): void {
    this.#logs = logs
    for (const stream of this.#consumers.keys()) if (!logs.logs.has(stream)) this.#consumers.delete(stream)
  }

  /** The consumers of a stream. */
  of(stream: number): ReadonlyMap<string, Consumer> {
    return this.#consumers.get(stream) ?? new Map()
  }

  /** Moves checkpoints, forwards or back; resolves when that is durable. */
  async checkpoint(stream: number, consumer: string, shards: readonly (readonly [number, number])[]): Promise<void> {
    this.#requireRoom(stream, consumer)
    await this.#write({ kind: 'checkpoint', stream, consumer, shards: shards.map(([shard, next]) => [shard, next]) })
  }

  /** Notes a new lease's fence; resolves when it is durable. */
  async fence(stream: number, consumer: string, shard: number, fence: number): Promise<void> {
    await this.#write({ kind: 'fence', stream, consumer, shard, fence })
  }

  /** Forgets a consumer. */
  async delete(stream: number, consumer: string): Promise<void> {
    await this.#write({ kind: 'delete', stream, consumer })
  }

  /** Forgets all consumers of a deleted stream. */
  forget(stream: number): void {
    this.#consumers.delete(stream)
  }

  replay(bytes: Uint8Array): void {
    this.#apply(packr.unpack(bytes) as Entry)
  }

  snapshot(): Uint8Array {
    const all: Snapshot[] = []
    for (const [stream, consumers] of this.#consumers) {
      for (const [consumer, { checkpoints, fences }] of consumers) {
        all.push({ stream, consumer, checkpoints: [...checkpoints], fences: [...fences] })
      }
    }
    return packr.pack(all)
  }

  restore(bytes: Uint8Array): void {
    for (const { stream, consumer, checkpoints, fences } of packr.unpack(bytes) as Snapshot[]) {
      const kept = this.#consumer(stream, consumer)
      for (const [shard, next] of checkpoints) kept.checkpoints.set(shard, next)
      for (const [shard, fence] of fences) kept.fences.set(shard, fence)
    }
  }

  async #write(entry: Entry): Promise<void> {
    if (this.#logs === undefined) throw new MillraceError('draining')
    await this.#logs.committer.journal(this.number, packr.pack(entry))
    this.#apply(entry)
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'delete') {
      this.#consumers.get(entry.stream)?.delete(entry.consumer)
      return
    }
    const kept = this.#consumer(entry.stream, entry.consumer)
    if (entry.kind === 'fence') kept.fences.set(entry.shard, entry.fence)
    else for (const [shard, next] of entry.shards) kept.checkpoints.set(shard, next)
  }

  #consumer(stream: number, name: string): Consumer {
    let consumers = this.#consumers.get(stream)
    if (consumers === undefined) {
      consumers = new Map()
      this.#consumers.set(stream, consumers)
    }
    let consumer = consumers.get(name)
    if (consumer === undefined) {
      consumer = { checkpoints: new Map(), fences: new Map() }
      consumers.set(name, consumer)
    }
    return consumer
  }

  #requireRoom(stream: number, consumer: string): void {
    const consumers = this.of(stream)
    const limit = this.#logs?.limits.consumersPerStreamMax ?? 0
    if (!consumers.has(consumer) && consumers.size >= limit) {
      throw new MillraceError('limit_exceeded', { what: 'The number of consumers of a stream', limit })
    }
  }
}
