import type { Entry } from './log/commit-line.ts'
import type { Appended, Part } from './log/committer.ts'
import type { Log } from './log/log.ts'
import type { Logs } from './log/logs.ts'
import type { Shard } from './log/shard.ts'
import type { Publication } from './modes/publication.ts'
import type { Queue } from './modes/queue.ts'
import {
  type CheckedMessage,
  messageRecord,
  type OutgoingMessage,
  type PreparedMessage,
  queueError,
  type SendResult,
  type SentMessage,
} from './modes/queue-sender.ts'
import type { Queues } from './modes/queues.ts'
import type { Streams } from './modes/streams.ts'
import type { RouteBinding } from './wire/binding.ts'
import { blockHeaderBytes, readBlockHeader } from './wire/block.ts'
import { MillraceError } from './wire/errors.ts'
import { type OutgoingDelivery, packDelivery } from './wire/outgoing-delivery.ts'
import { messageBytes } from './wire/queue-message.ts'
import type { BlockWriter } from './wire/record.ts'
import { viewOf } from './wire/u64.ts'
import { WriterPool } from './wire/writer-pool.ts'

/** About what a record needs beside its data. */
const overheadBytes = 64
const keyLengthMax = 256

interface StreamItem {
  readonly log: Log
  readonly key: string
  readonly data: Uint8Array
}

interface QueueItem {
  /** A hidden queue is looked up when it is written to: it may have to be made first. */
  readonly queue: Queue | string
  readonly checked: CheckedMessage
}

/** What hears where a record is. */
type Settle = (outcome: { readonly sequence: number; readonly time: number } | MillraceError) => void

export interface PublicationsOptions {
  readonly logs: Logs
  readonly streams: Streams
  readonly queues: Queues
  /** A route's hidden queue is there now: whoever works routes has to look at it. */
  readonly onBegun: () => void
}

/** Commits publications: those of one turn share blocks and a place in the commit, so that many small ones cost little more than one. */
export class Publications {
  readonly logs: Logs
  readonly streams: Streams
  readonly queues: Queues
  readonly #onBegun: () => void
  readonly #writers = new WriterPool()
  #waiting: LocalPublication[] = []

  constructor({ logs, streams, queues, onBegun }: PublicationsOptions) {
    this.logs = logs
    this.streams = streams
    this.queues = queues
    this.#onBegun = onBegun
  }

  begin(): Publication {
    return new LocalPublication(this)
  }

  /** Has a publication go into the next commit. */
  add(publication: LocalPublication): void {
    if (this.#waiting.length === 0) this.logs.committer.beforeCommit(() => this.#write())
    this.#waiting.push(publication)
  }

  /** Makes a route's hidden queue. */
  async need(name: string): Promise<void> {
    await this.queues.needHidden(name)
    this.#onBegun()
  }

  #write(): void {
    const waiting = this.#waiting
    this.#waiting = []
    let together = new Together(this.#writers)
    for (const publication of waiting) {
      publication.lay(together)
      if (together.bytes < this.logs.limits.publicationsBytesTarget) continue
      together.commit(this.logs)
      together = new Together(this.#writers)
    }
    together.commit(this.logs)
  }
}

/** What goes into one commit, all or nothing: the records of one or more publications, one block a shard. */
class Together {
  readonly #writers: WriterPool
  readonly #shards = new Map<Shard, { readonly writer: BlockWriter; readonly settles: (readonly [number, Settle])[] }>()
  readonly #entries: Entry[] = []
  /** Undefined once all of it is durable; else why none of it is stored. */
  readonly outcome: Promise<MillraceError | undefined>
  #resolve: (outcome: MillraceError | undefined) => void = () => undefined
  bytes = 0

  constructor(writers: WriterPool) {
    this.#writers = writers
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Lays a record; `settle` is for who has to know where it is. */
  add(shard: Shard, key: string, data: Uint8Array, settle?: Settle): void {
    let place = this.#shards.get(shard)
    if (place === undefined) {
      place = { writer: this.#writers.take(blockHeaderBytes + data.length + overheadBytes), settles: [] }
      this.#shards.set(shard, place)
    }
    if (settle !== undefined) place.settles.push([place.writer.count, settle])
    place.writer.add(key, data)
    this.bytes += data.length + overheadBytes
  }

  journal(entry: Entry): void {
    this.#entries.push(entry)
    this.bytes += entry.entry.length + overheadBytes
  }

  commit(logs: Logs): void {
    // All there was may have been sent before.
    if (this.#shards.size + this.#entries.length === 0) {
      this.#resolve(undefined)
      return
    }
    const parts: Part[] = [...this.#shards].map(([shard, { writer }]) => {
      const block = writer.finish(0, 0)
      return { shard, block, header: readBlockHeader(viewOf(block)) }
    })
    logs.committer.together(parts, this.#entries).then(
      (appended) => this.#settle(appended),
      (error: unknown) => this.#settle(MillraceError.wrap(error)),
    )
  }

  #settle(outcome: readonly Appended[] | MillraceError): void {
    for (const [i, { writer, settles }] of [...this.#shards.values()].entries()) {
      this.#writers.giveBack(writer)
      const at = outcome instanceof MillraceError ? outcome : outcome[i]
      for (const [j, settle] of settles) {
        if (at === undefined || at instanceof MillraceError) {
          settle(at ?? new MillraceError('internal', { reason: 'a part of a commit was lost' }))
        } else settle({ sequence: at.base + j, time: at.time })
      }
    }
    this.#resolve(outcome instanceof MillraceError ? outcome : undefined)
  }
}

class LocalPublication implements Publication {
  readonly #all: Publications
  readonly #messages: QueueItem[] = []
  readonly #records: StreamItem[] = []
  readonly #entries: Entry[] = []
  #gate: QueueItem | undefined
  /** The last message that was visible at once, and its record. */
  #last:
    | { readonly message: OutgoingMessage; readonly record: { readonly key: string; readonly data: Uint8Array } }
    | undefined
  #bytes = 0
  #resolve: (gate: SentMessage | undefined) => void = () => undefined
  #reject: (error: MillraceError) => void = () => undefined

  constructor(all: Publications) {
    this.#all = all
  }

  unlessKnown(hiddenQueue: string, message: OutgoingMessage): void {
    const queue = this.#all.queues.hidden(hiddenQueue)
    if (queue === undefined) throw new MillraceError('queue_not_found', { queue: hiddenQueue })
    this.#gate = this.#checked(queue, message)
  }

  toQueue(name: string, message: OutgoingMessage): void {
    this.#messages.push(this.#checked(this.#all.queues.get(name), message))
  }

  toStream(name: string, record: { readonly key: string; readonly data: Uint8Array }): void {
    this.toLog(this.#all.streams.get(name).log, record)
  }

  toLog(log: Log, { key, data }: { readonly key: string; readonly data: Uint8Array }): void {
    const bytes = Buffer.byteLength(key) + data.length
    const limit = log.settings.recordBytesMax
    if (bytes > limit) throw new MillraceError('record_too_large', { bytes, limit })
    if (key.length === 0 || key.length > keyLengthMax) {
      throw new MillraceError('invalid_field', { field: 'key', reason: `must be 1 to ${keyLengthMax} characters` })
    }
    this.#records.push({ log, key, data })
    this.#bytes += bytes + overheadBytes
  }

  toHidden({ source }: RouteBinding, delivery: OutgoingDelivery): void {
    const message = { body: packDelivery(delivery) }
    this.#messages.push({ queue: source.queue, checked: { message, deduplicationId: undefined } })
    this.#bytes += message.body.length + overheadBytes
  }

  toJournal(owner: number, entry: Uint8Array): void {
    this.#entries.push({ owner, entry })
    this.#bytes += entry.length + overheadBytes
  }

  commit(): Promise<SentMessage | undefined> {
    const limit = this.#all.logs.limits.publicationBytesMax
    if (this.#bytes > limit) {
      return Promise.reject(new MillraceError('publication_too_large', { bytes: this.#bytes, limit }))
    }
    const missing = new Set(this.#messages.flatMap(({ queue }) => (this.#isThere(queue) ? [] : [queue as string])))
    // Not async: what is committed in this order is stored in this order.
    if (missing.size === 0) return this.#joined()
    return Promise.all([...missing].map((name) => this.#all.need(name))).then(() => this.#joined())
  }

  /** Lays all of it where the others of this turn are, or none of it. */
  lay(together: Together): void {
    const refusal = this.#refusal()
    const undecided = this.#shards().find(({ undecided }) => undecided)
    if (refusal !== undefined) this.#reject(refusal)
    else if (undecided !== undefined) undecided.decided().then(() => this.#all.add(this))
    else this.#layAll(together)
  }

  #layAll(together: Together): void {
    const gate = this.#gate === undefined ? undefined : this.#prepare(together, this.#gate)
    if (gate?.kind === 'known') {
      this.#settled(gate.result, [])
      return
    }
    const results: Promise<SendResult | undefined>[] = [together.outcome]
    for (const item of this.#messages) {
      const queue = this.#queueOf(item.queue) as Queue
      if (queue.settings.fifo) results.push(this.#prepare(together, item).result)
      else this.#layPlain(together, queue, item.checked.message)
    }
    for (const { log, key, data } of this.#records) together.add(log.ofKey(key), key, data)
    for (const entry of this.#entries) together.journal(entry)
    this.#settled(gate?.result, results)
  }

  /** A message that nothing can make a duplicate needs no result of its own. What several queues get as it is, is encoded once. */
  #layPlain(together: Together, queue: Queue, message: OutgoingMessage): void {
    const due = queue.sender.due(message)
    const last = this.#last
    const isSame =
      last !== undefined &&
      due === undefined &&
      last.message.body === message.body &&
      last.message.attributes === message.attributes &&
      last.message.group === message.group &&
      last.message.trace === message.trace
    const { key, data } = isSame ? last.record : messageRecord(message, due)
    if (!isSame && due === undefined) this.#last = { message, record: { key, data } }
    together.add(queue.shard, key, data)
  }

  #joined(): Promise<SentMessage | undefined> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      if (this.#gate === undefined && this.#messages.length + this.#records.length + this.#entries.length === 0)
        resolve(undefined)
      else this.#all.add(this)
    })
  }

  #settled(gate: Promise<SendResult> | undefined, others: readonly Promise<SendResult | undefined>[]): void {
    Promise.all([gate, ...others]).then(([first, ...rest]) => {
      const failed = [first, ...rest].find((each) => each instanceof MillraceError)
      if (failed !== undefined) this.#reject(failed)
      else this.#resolve(gate === undefined ? undefined : (first as SentMessage))
    })
  }

  #prepare(together: Together, { queue: named, checked }: QueueItem): PreparedMessage {
    const queue = this.#queueOf(named) as Queue
    const prepared = queue.sender.prepare(checked)
    if (prepared.kind === 'new') together.add(queue.shard, prepared.key, prepared.data, prepared.settle)
    return prepared
  }

  /** Why none of it can be stored: a log was deleted since it was named. */
  #refusal(): MillraceError | undefined {
    for (const { queue: named } of this.#gate === undefined ? this.#messages : [this.#gate, ...this.#messages]) {
      const queue = this.#queueOf(named)
      const name = typeof named === 'string' ? named : named.name
      if (queue === undefined) return new MillraceError('queue_not_found', { queue: name })
      const refusal = queue.shard.refusal()
      if (refusal !== undefined) return queueError(refusal, name)
    }
    return this.#shards()
      .find(({ deleted }) => deleted)
      ?.refusal()
  }

  #shards(): Shard[] {
    return this.#records.map(({ log, key }) => log.ofKey(key))
  }

  #checked(queue: Queue, message: OutgoingMessage): QueueItem {
    this.#bytes += messageBytes(message) + overheadBytes
    return { queue, checked: queue.sender.check(message) }
  }

  #isThere(queue: Queue | string): boolean {
    return this.#queueOf(queue) !== undefined
  }

  #queueOf(queue: Queue | string): Queue | undefined {
    return typeof queue === 'string' ? this.#all.queues.hidden(queue) : queue
  }
}
