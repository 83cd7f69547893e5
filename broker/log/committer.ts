import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { type BlockHeader, stampBlock } from '../wire/block.ts'
import { MillraceError } from '../wire/errors.ts'
import { frameHeaderBytes, frameTypes, sealFrame, writeFrameHeader } from '../wire/frame.ts'
import { viewOf } from '../wire/u64.ts'
import { CommitLine, type Entry, type PendingJournal } from './commit-line.ts'
import type { PendingBlock, Shard } from './shard.ts'
import { Tail, type TailRun } from './tail.ts'

/** A run of the commit under way: `blocks` of `shard`, together the frame at `offset`. */
interface Run {
  readonly shard: Shard
  readonly blocks: number
  readonly records: number
  readonly offset: number
  readonly length: number
}

/** A block that is to be appended together with others. */
export interface Part {
  readonly shard: Shard
  readonly block: Uint8Array
  readonly header: BlockHeader
}

/** Where a part ended up. */
export interface Appended {
  readonly base: number
  readonly time: number
}

interface Commit {
  readonly bytes: Buffer
  readonly time: number
  readonly runs: readonly Run[]
  readonly journals: readonly PendingJournal[]
}

/**
 * Group commit. All that arrives in one turn of the event loop, and all that arrives while a commit is being written,
 * becomes one value of the store; when that is durable, the durable marks move, and acks and pushes leave together.
 */
export class Committer {
  readonly #store: Store
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #tail: Tail
  /** Called between commits, when nothing is being written; the log seals segments here. */
  readonly #between: () => Promise<void> | undefined
  readonly #line: CommitLine
  #sources: (() => void)[] = []
  #scheduled = false
  #busy = false
  #closed = false
  #lastTime = 0
  #idle: (() => void)[] = []
  #current: Commit | undefined
  /** Commits since the start, for metrics. */
  commits = 0
  /** Bytes taken in and not yet durable. */
  inFlightBytes = 0

  constructor(store: Store, clock: Clock, limits: Limits, between: () => Promise<void> | undefined) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
    this.#line = new CommitLine(limits.commitBytesMax)
    this.#tail = new Tail(limits.tailBytesMax)
    this.#between = between
  }

  /** Times given to commits never go back, whatever the clock does; a start continues behind the newest one read. */
  set lastTime(time: number) {
    this.#lastTime = Math.max(this.#lastTime, time)
  }

  /** Takes a checked block; the caller must not touch its bytes again. */
  append(shard: Shard, pending: PendingBlock): void {
    if (shard.refuse(pending)) return
    const bytes = pending.block.length
    const refusal = this.#refusal(bytes)
    if (refusal !== undefined) {
      pending.settlement.failed(refusal)
      return
    }
    const { producerId, producerSequence } = pending.header
    const verdict = shard.producers.admit(producerId, producerSequence)
    if (verdict.kind === 'duplicate') {
      pending.settlement.committed(verdict.of.base, verdict.of.time)
    } else if (verdict.kind === 'pending') {
      alsoSettle(shard.pending, pending)
    } else if (verdict.kind === 'gap') {
      const details = { producer: producerId, sequence: producerSequence, expected: verdict.expected }
      pending.settlement.failed(new MillraceError('out_of_order', details))
    } else {
      this.#join(bytes)
      this.#line.block(shard, pending)
      this.#schedule()
    }
  }

  /**
   * Appends blocks, to shards of any logs, and writes journal entries, all in one commit or none of them. Resolves with where
   * each block is when that is durable. The blocks must be of no idempotent producer, their bytes must not change any more.
   * @throws draining, throttled, stream_not_found, shard_closed, and what a failed commit fails with
   */
  together(parts: readonly Part[], entries: readonly Entry[]): Promise<Appended[]> {
    let bytes = 0
    for (const { block } of parts) bytes += block.length
    for (const { entry } of entries) bytes += entry.length
    const refusal = this.#refusal(bytes) ?? parts.map(({ shard }) => shard.refusal()).find((each) => each !== undefined)
    if (refusal !== undefined) return Promise.reject(refusal)
    // One place in line for all of them: the line is cut between places only.
    this.#join(bytes)
    const appended: Appended[] = []
    return new Promise((resolve, reject) => {
      let left = parts.length + entries.length
      const done = () => {
        if (--left === 0) resolve(appended)
      }
      for (const [i, { shard, block, header }] of parts.entries()) {
        const committed = (base: number, time: number) => {
          appended[i] = { base, time }
          done()
        }
        this.#line.block(shard, { block, header, settlement: { committed, failed: reject } })
      }
      for (const { owner, entry } of entries) this.#line.journal({ owner, entry, resolve: done, reject })
      if (left === 0) resolve(appended)
      else this.#schedule()
    })
  }

  /** Writes a mode's journal entry in the next commit; resolves when it is durable. */
  journal(owner: number, entry: Uint8Array): Promise<void> {
    const refusal = this.#refusal(entry.length)
    if (refusal !== undefined) return Promise.reject(refusal)
    this.#join(entry.length)
    return new Promise((resolve, reject) => {
      this.#line.journal({ owner, entry, resolve, reject })
      this.#schedule()
    })
  }

  /**
   * Calls `source` right before the next commit is put together: for who gathers what a turn brings into few blocks, and appends them
   * then.
   */
  beforeCommit(source: () => void): void {
    this.#sources.push(source)
    this.#schedule()
  }

  /** Resolves when nothing is queued or being written. */
  idle(): Promise<void> {
    if (!this.#busy && !this.#scheduled) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Takes nothing more, and waits for what was taken. */
  async close(): Promise<void> {
    this.#closed = true
    await this.idle()
  }

  #join(bytes: number): void {
    this.#line.join(bytes)
    this.inFlightBytes += bytes
  }

  #refusal(bytes: number): MillraceError | undefined {
    if (this.#closed) return new MillraceError('draining')
    if (this.inFlightBytes + bytes <= this.#limits.inFlightBytesMax) return undefined
    return new MillraceError('throttled', { bytes: this.inFlightBytes, limit: this.#limits.inFlightBytesMax })
  }

  #schedule(): void {
    if (this.#scheduled || this.#busy) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#run().catch((error: unknown) => this.#failAll(MillraceError.wrap(error)))
    })
  }

  async #run(): Promise<void> {
    this.#busy = true
    try {
      await this.#between()
      this.#gather()
      const commit = this.#build()
      // What the sources had may have been refused, all of it.
      if (commit.bytes.length > 0) await this.#write(commit)
    } catch (error) {
      this.#gather()
      this.#failAll(MillraceError.wrap(error))
    } finally {
      this.#busy = false
    }
    if (!this.#line.empty || this.#sources.length > 0) this.#schedule()
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  #gather(): void {
    for (const source of this.#sources.splice(0)) source()
  }

  async #write(commit: Commit): Promise<void> {
    this.#current = commit
    const number = await this.#store.append(commit.bytes)
    this.commits++
    this.#current = undefined
    this.#publish(commit, number)
  }

  /** Lays out the frames of all that is queued, up to the size of a commit, one behind the other. */
  #build(): Commit {
    const time = Math.max(this.#clock.now(), this.#lastTime)
    this.#lastTime = time
    const { shards, journals } = this.#line.take()
    let size = 0
    for (const each of journals) size += frameHeaderBytes + each.entry.length
    for (const shard of shards) {
      size += frameHeaderBytes
      for (let i = 0; i < shard.committing; i++) size += (shard.pending[i] as PendingBlock).block.length
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    const view = viewOf(bytes)
    const runs: Run[] = []
    let at = 0
    for (const shard of shards) {
      const run = layRun(bytes, view, at, shard, time)
      runs.push(run)
      at += run.length
    }
    for (const each of journals) at = layJournal(bytes, view, at, each)
    return { bytes, time, runs, journals }
  }

  /** The commit is durable: moves the marks, then tells producers and consumers. */
  #publish(commit: Commit, number: number): void {
    const published: { shard: Shard; run: TailRun; blocks: PendingBlock[]; base: number }[] = []
    for (const { shard, blocks, records, offset, length } of commit.runs) {
      const base = shard.next
      const frame = commit.bytes.subarray(offset, offset + length)
      const run = { base, next: base + records, time: commit.time, frame }
      shard.entries.add({ base, time: commit.time, commit: number, offset, length })
      shard.next = run.next
      shard.lastTime = commit.time
      shard.openBytes += length
      shard.tail.push(run)
      shard.committing = 0
      published.push({ shard, run, blocks: shard.pending.splice(0, blocks), base })
    }
    this.#tail.add(
      commit.bytes.length,
      commit.runs.map((run) => run.shard.tail),
    )
    for (const { shard, blocks, base } of published) this.#settle(shard, blocks, base, commit.time)
    for (const each of commit.journals) {
      this.inFlightBytes -= each.entry.length
      each.resolve()
    }
    for (const { shard, run } of published) for (const listener of shard.listeners) listener.appended(run)
  }

  #settle(shard: Shard, blocks: readonly PendingBlock[], base: number, time: number): void {
    let sequence = base
    for (const { block, header, settlement } of blocks) {
      this.inFlightBytes -= block.length
      shard.producers.committed(header.producerId, header.producerSequence, sequence, time)
      settlement.committed(sequence, time)
      sequence += header.count
    }
    shard.settled()
  }

  /**
   * A commit failed: nothing of it is stored. All that is queued fails with it, because blocks that follow a lost one of the
   * same producer must not be stored before it is sent again.
   */
  #failAll(error: MillraceError): void {
    const current = this.#current
    this.#current = undefined
    const waiting = this.#line.clear()
    const shards = new Set([...(current?.runs.map((run) => run.shard) ?? []), ...waiting.shards])
    const journals = [...(current?.journals ?? []), ...waiting.journals]
    const failed: PendingBlock[] = []
    for (const shard of shards) {
      failed.push(...shard.pending.splice(0))
      shard.committing = 0
      shard.producers.rollBack()
    }
    for (const { block, settlement } of failed) {
      this.inFlightBytes -= block.length
      settlement.failed(error)
    }
    for (const shard of shards) shard.settled()
    for (const { entry, reject } of journals) {
      this.inFlightBytes -= entry.length
      reject(error)
    }
  }
}

/** Lays out what `shard` has in this commit as one frame at `at`, gives its blocks their sequences, and sums it. */
function layRun(bytes: Buffer, view: DataView, at: number, shard: Shard, time: number): Run {
  let records = 0
  let end = at + frameHeaderBytes
  for (let i = 0; i < shard.committing; i++) {
    const { block, header } = shard.pending[i] as PendingBlock
    bytes.set(block, end)
    stampBlock(view, end, shard.next + records, time)
    records += header.count
    end += block.length
  }
  writeFrameHeader(view, at, frameTypes.blocks, shard.stream, shard.number, end - at - frameHeaderBytes)
  sealFrame(bytes.subarray(at, end))
  return { shard, blocks: shard.committing, records, offset: at, length: end - at }
}

/** Lays out a journal entry as a frame at `at`; returns where it ends. */
function layJournal(bytes: Buffer, view: DataView, at: number, { owner, entry }: PendingJournal): number {
  const end = at + frameHeaderBytes + entry.length
  writeFrameHeader(view, at, frameTypes.journal, owner, 0, entry.length)
  bytes.set(entry, at + frameHeaderBytes)
  sealFrame(bytes.subarray(at, end))
  return end
}

/** A block that is under way came again, over a new connection say: both senders hear of the one commit. */
function alsoSettle(queue: readonly PendingBlock[], again: PendingBlock): void {
  const { producerId, producerSequence } = again.header
  const first = queue.find(
    ({ header }) => header.producerId === producerId && header.producerSequence === producerSequence,
  )
  if (first === undefined) {
    again.settlement.failed(new MillraceError('internal', { reason: 'a block under way was not found' }))
    return
  }
  const both = [first.settlement, again.settlement]
  first.settlement = {
    committed: (base, time) => {
      for (const each of both) each.committed(base, time)
    },
    failed: (error) => {
      for (const each of both) each.failed(error)
    },
  }
}
