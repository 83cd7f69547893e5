import { readU64, viewOf, writeU64 } from '../wire/u64.ts'

/** What became of one block of a producer. */
export interface Remembered {
  readonly sequence: number
  readonly base: number
  readonly time: number
}

interface Window {
  /** The producer sequence expected next, counting blocks that are not durable yet. */
  next: number
  /** The same, counting only durable ones. */
  durableNext: number
  lastTime: number
  readonly blocks: Remembered[]
}

export interface WindowLimits {
  readonly producersPerShardMax: number
  readonly producerWindowBlocks: number
}

/** A judgement on a block that arrived. */
export type Verdict =
  | { readonly kind: 'new' }
  | { readonly kind: 'duplicate'; readonly of: Remembered }
  | { readonly kind: 'pending' }
  | { readonly kind: 'gap'; readonly expected: number }

const isNew: Verdict = { kind: 'new' }
const isPending: Verdict = { kind: 'pending' }

/**
 * The producers one shard knows, and what became of each one's last blocks, so that a block sent twice is stored once.
 * The producer idle longest is forgotten first; then a very late retry of it would be taken for new, which is why the
 * count is generous.
 *
 * A producer that is not known begins at 0: whichever of its first blocks is lost or refused, what follows is not stored before it. Only
 * where producers may have been forgotten can one that is not known begin later.
 */
export class ProducerWindows {
  readonly #limits: WindowLimits
  /** In order of last use. */
  readonly #windows = new Map<number, Window>()

  constructor(limits: WindowLimits) {
    this.#limits = limits
  }

  /** Judges a block, and if it is new counts it as under way. Producer 0 is not idempotent: always new. */
  admit(producer: number, sequence: number): Verdict {
    if (producer === 0) return isNew
    const window = this.#windows.get(producer)
    if (window === undefined) {
      if (sequence > 0 && this.#windows.size < this.#limits.producersPerShardMax) return { kind: 'gap', expected: 0 }
      this.#remember(producer, { next: sequence + 1, durableNext: sequence, lastTime: 0, blocks: [] })
      return isNew
    }
    if (sequence === window.next) {
      window.next++
      return isNew
    }
    if (sequence > window.next) return { kind: 'gap', expected: window.next }
    if (sequence >= window.durableNext) return isPending
    const of = window.blocks.find((each) => each.sequence === sequence)
    return of === undefined ? { kind: 'gap', expected: window.next } : { kind: 'duplicate', of }
  }

  /** Notes that a block is durable. Called live and when a log is read back after a start. */
  committed(producer: number, sequence: number, base: number, time: number): void {
    if (producer === 0) return
    const window = this.#windows.get(producer) ?? { next: 0, durableNext: 0, lastTime: 0, blocks: [] }
    window.durableNext = sequence + 1
    window.next = Math.max(window.next, sequence + 1)
    window.lastTime = time
    window.blocks.push({ sequence, base, time })
    if (window.blocks.length > this.#limits.producerWindowBlocks) window.blocks.shift()
    this.#windows.delete(producer)
    this.#remember(producer, window)
  }

  /** Forgets what was under way: the commit failed, and all that was queued with it. Each producer goes on where that began. */
  rollBack(): void {
    for (const window of this.#windows.values()) window.next = window.durableNext
  }

  /** Packs all but what is under way: for each remembered block u64 producer, sequence, base, time. */
  pack(): Uint8Array {
    const rows = [...this.#windows].flatMap(([producer, window]) => window.blocks.map((each) => ({ producer, each })))
    const bytes = new Uint8Array(rows.length * 32)
    const view = viewOf(bytes)
    for (const [i, { producer, each }] of rows.entries()) {
      writeU64(view, i * 32, producer)
      writeU64(view, i * 32 + 8, each.sequence)
      writeU64(view, i * 32 + 16, each.base)
      writeU64(view, i * 32 + 24, each.time)
    }
    return bytes
  }

  /** Takes up what `pack` wrote. */
  unpack(bytes: Uint8Array): void {
    const view = viewOf(bytes)
    for (let at = 0; at + 32 <= bytes.length; at += 32) {
      this.committed(readU64(view, at), readU64(view, at + 8), readU64(view, at + 16), readU64(view, at + 24))
    }
  }

  /** What became of a block that is durable and still remembered. */
  find(producer: number, sequence: number): Remembered | undefined {
    return this.#windows.get(producer)?.blocks.find((each) => each.sequence === sequence)
  }

  #remember(producer: number, window: Window): void {
    this.#windows.set(producer, window)
    if (this.#windows.size <= this.#limits.producersPerShardMax) return
    for (const [oldest, each] of this.#windows) {
      // One with blocks under way cannot go: its commit is about to report back.
      if (each.next !== each.durableNext || oldest === producer) continue
      this.#windows.delete(oldest)
      return
    }
  }
}

/** Packs the windows of all `shards` that have any: for each u32 stream, u32 shard, u32 bytes, then the bytes. */
export function packWindows(
  shards: readonly { stream: number; number: number; producers: ProducerWindows }[],
): Uint8Array {
  const packed = shards
    .map(({ stream, number, producers }) => ({ stream, number, bytes: producers.pack() }))
    .filter(({ bytes }) => bytes.length > 0)
  const all = new Uint8Array(packed.reduce((sum, { bytes }) => sum + 12 + bytes.length, 0))
  const view = viewOf(all)
  let at = 0
  for (const { stream, number, bytes } of packed) {
    view.setUint32(at, stream)
    view.setUint32(at + 4, number)
    view.setUint32(at + 8, bytes.length)
    all.set(bytes, at + 12)
    at += 12 + bytes.length
  }
  return all
}

/** Takes up what `packWindows` wrote; `find` names the shard, or nothing where it is gone. */
export function unpackWindows(
  bytes: Uint8Array,
  find: (stream: number, shard: number) => { producers: ProducerWindows } | undefined,
): void {
  const view = viewOf(bytes)
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at + 8)
    const shard = find(view.getUint32(at), view.getUint32(at + 4))
    shard?.producers.unpack(bytes.subarray(at + 12, at + 12 + length))
    at += 12 + length
  }
}
