import type { Timer } from '../clock.ts'
import type { Log } from './log.ts'
import type { Logs } from './logs.ts'
import { headsKey } from './sealing.ts'
import { unpackHeads } from './segment-index.ts'
import type { Shard } from './shard.ts'

/**
 * Gives disk space back: removes the oldest segments while all in them is past its stream's retention, or while the whole log
 * is larger than it may be. Nothing is ever removed from within a segment.
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
    let bytes = this.#logs.store.segments().reduce((sum, segment) => sum + segment.bytes, 0)
    for (const segment of this.#logs.store.segments()) {
      if (!segment.sealed) return
      if (bytes <= this.#bytesMax && !(await this.#expired(segment.first))) return
      await this.#drop(segment.first, segment.end)
      bytes -= segment.bytes
    }
  }

  async #expired(segment: number): Promise<boolean> {
    const now = this.#logs.clock.now()
    const entry = (await this.#logs.store.entries(headsKey(segment)))[0]
    return unpackHeads(entry?.value ?? new Uint8Array(0)).every((head) => {
      const log = this.#logs.logs.get(head.stream)
      return log === undefined || head.lastTime + log.settings.retentionMillis < now
    })
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
