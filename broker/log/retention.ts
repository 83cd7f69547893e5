import type { Timer } from '../clock.ts'
import type { Segment } from '../store/store.ts'
import { type LogOwner, ownerOf } from './journal.ts'
import type { Log } from './log.ts'
import type { Logs } from './logs.ts'
import { headsKey } from './sealing.ts'
import { type SegmentHead, unpackHeads } from './segment-index.ts'
import type { Shard } from './shard.ts'

/** Records that alone hold a segment are appended again when they are at most this part of what that sets free. */
const rescuedPart = 1 / 8

/** What is still needed of a segment that could go otherwise. */
interface Stragglers {
  readonly head: SegmentHead
  readonly owner: LogOwner
  readonly bytes: number
}

/**
 * Gives disk space back: removes the oldest segments while all in them is past its stream's retention, or while the whole log
 * is larger than it may be. Nothing is ever removed from within a segment; a few records that a mode still needs are appended
 * again.
 */
export class Retention {
  readonly #logs: Logs
  readonly #bytesMax: number
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #closed = false
  /** Hears of a pass that failed; the next one tries again. */
  readonly #onError: (error: unknown) => void

  /** `bytesMax` bounds the log's size on disk, sealed segments and open one together. */
  constructor(logs: Logs, bytesMax: number, onError: (error: unknown) => void) {
    this.#logs = logs
    this.#bytesMax = bytesMax
    this.#onError = onError
    this.#arm()
  }

  /** One pass, now. */
  async run(): Promise<void> {
    await this.#dropSegments()
    await this.#forgetShards()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#running
  }

  #arm(): void {
    if (this.#closed) return
    this.#timer = this.#logs.clock.after(this.#logs.limits.retentionPassMillis, () => {
      this.#running = this.run().catch(this.#onError)
      this.#running.then(() => this.#arm())
    })
  }

  async #dropSegments(): Promise<void> {
    for (const owner of this.#logs.owners) if ('expire' in owner) await (owner as LogOwner).expire()
    const segments = this.#logs.store.segments().filter((segment) => segment.sealed)
    let bytes = this.#logs.store.segments().reduce((sum, segment) => sum + segment.bytes, 0)
    const expired = await this.#rescue(segments)
    for (const [i, segment] of segments.entries()) {
      if (i >= expired && bytes <= this.#bytesMax) return
      await this.#drop(segment.first, segment.end)
      bytes -= segment.bytes
    }
  }

  /**
   * How many of the oldest segments may go. Where only stragglers hold them, few beside what that sets free, those are
   * appended again first.
   */
  async #rescue(segments: readonly Segment[]): Promise<number> {
    const stragglers: Stragglers[] = []
    let bytes = 0
    let needed = 0
    let best = { segments: 0, stragglers: 0 }
    for (const [i, segment] of segments.entries()) {
      const held = await this.#holding(segment.first)
      if (held === undefined) break
      stragglers.push(...held)
      bytes += segment.bytes
      needed += held.reduce((sum, each) => sum + each.bytes, 0)
      if (needed <= bytes * rescuedPart) best = { segments: i + 1, stragglers: stragglers.length }
    }
    for (const { head, owner } of stragglers.slice(0, best.stragglers)) await owner.rescue(head)
    return best.segments
  }

  /** What holds a segment: nothing, stragglers, or undefined when it must stay. */
  async #holding(segment: number): Promise<Stragglers[] | undefined> {
    const now = this.#logs.clock.now()
    const entry = (await this.#logs.store.entries(headsKey(segment)))[0]
    const held: Stragglers[] = []
    for (const head of unpackHeads(entry?.value ?? new Uint8Array(0))) {
      const log = this.#logs.logs.get(head.stream)
      if (log === undefined) continue
      const owner = ownerOf(this.#logs.owners, log.owner)
      if (owner === undefined) {
        if (head.lastTime + log.settings.retentionMillis >= now) return undefined
        continue
      }
      const needed = owner.needed(head)
      if (needed === Number.POSITIVE_INFINITY) return undefined
      if (needed > 0) held.push({ head, owner, bytes: (head.bytes * needed) / (head.next - head.first) })
    }
    return held
  }

  /** Readers are moved on first, then the files go; a reader in between finds its segment gone and its position moved. */
  async #drop(segment: number, end: number): Promise<void> {
    for (const log of this.#logs.logs.values()) {
      for (const shard of log.shards.values()) {
        if (shard.sealed[0]?.segment === segment) shard.sealed.shift()
        shard.first = shard.sealed[0]?.first ?? firstOpen(shard)
      }
    }
    await this.#logs.store.trim(end)
    await this.#logs.store.put([{ key: headsKey(segment), value: undefined }])
  }

  /** A closed shard is listed as long as its records would be kept, and at least while any is. */
  async #forgetShards(): Promise<void> {
    const now = this.#logs.clock.now()
    for (const log of this.#logs.logs.values()) {
      const gone = [...log.shards.values()].filter((shard) => isSpent(log, shard, now))
      if (gone.length > 0) await this.#logs.forget(log, gone)
    }
  }
}

function firstOpen(shard: Shard): number {
  return shard.entries.count > 0 ? shard.entries.at(0).base : shard.next
}

function isSpent(log: Log, shard: Shard, now: number): boolean {
  if (shard.closedAt === undefined || shard.closedAt + log.settings.retentionMillis >= now) return false
  return shard.listeners.size === 0 && shard.lastTime + log.settings.retentionMillis < now
}
