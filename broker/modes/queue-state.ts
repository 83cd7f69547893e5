import { blocksOf } from '../wire/block.ts'
import { framesOf } from '../wire/frame.ts'
import { messageFlags, readHead } from '../wire/queue-message.ts'
import { BodyReader } from '../wire/record.ts'
import { readU64, viewOf, writeU64 } from '../wire/u64.ts'
import type { DeduplicationIds } from './queue-deduplication.ts'
import { type LeaseRow, leaseRowBytes, readLeaseRow, writeLeaseRow } from './queue-entries.ts'
import { SequenceSet } from './queue-sequences.ts'
import type { MoveTaskRecord } from './queue-task.ts'

/** Whether a held message can be given out. */
export type HeldState = 'visible' | 'in flight' | 'leaving'

/** A message that was received at least once, or appended again, and is not gone. */
export interface Held {
  /** Its sequence when it was first appended: what it is known by for ever. */
  readonly identity: number
  /** Where it lies now. */
  sequence: number
  /** How often it was received. */
  count: number
  visibleAt: number
  firstReceivedAt: number
  lastReceivedAt: number
  /** `leaving` while a delete or a move of it is being written. */
  state: HeldState
  /** When it was sent, of a message that was appended again; 0 for others, whose place in the log tells. */
  sentAt: number
  /** Its message group, once it was read since the start. */
  group: string | undefined
}

/** Messages that lie one behind the other and become visible together. */
export interface DelayedRange {
  readonly first: number
  next: number
  readonly due: number
}

/**
 * What is true of a queue's messages: the fold of its log's records and its journal. Everything here can be folded twice without
 * changing anything, and what is gone stays gone.
 */
export class QueueState {
  gone = new SequenceSet()
  readonly held = new Map<number, Held>()
  /** Where messages lie that were appended again, to their identities. */
  readonly relocated = new Map<number, number>()
  /** Not yet due when they were looked at last; in order of sequence. */
  delayed: DelayedRange[] = []
  /** Deduplication ids of messages below it don't count: the queue was purged. */
  purgedBelow = 0
  tasks: MoveTaskRecord[] = []
  readonly ids: DeduplicationIds
  /** The first record that was folded in since the start; what a snapshot covers has its ids of deduplication in the log alone. */
  foldedFrom: number | undefined

  constructor(ids: DeduplicationIds) {
    this.ids = ids
  }

  /** Where message `identity` lies. */
  placeOf(identity: number): number {
    return this.held.get(identity)?.sequence ?? identity
  }

  isGone(identity: number): boolean {
    return this.gone.has(this.placeOf(identity))
  }

  /** Takes up what one commit added to the log; `frame` is read during the call only. */
  applyRun(frame: Uint8Array): void {
    for (const { payload } of framesOf(frame)) {
      for (const { header, block } of blocksOf(payload)) {
        this.foldedFrom ??= header.baseSequence
        const reader = new BodyReader(block)
        for (let i = 0; i < header.count; i++) {
          reader.next()
          const data = reader.data()
          const special = messageFlags.due | messageFlags.identity | messageFlags.deduplication
          if (((data[0] as number) & special) === 0) continue
          const { flags, due, identity, sent = 0, deduplicationId } = readHead(data)
          const sequence = header.baseSequence + i
          if (identity !== undefined) this.#relocate(identity, sequence, sent)
          if (due !== undefined) this.#delay(sequence, due)
          if (deduplicationId === undefined || identity !== undefined || sequence < this.purgedBelow) continue
          const group = flags & messageFlags.group ? reader.key() : ''
          this.ids.add(group, deduplicationId, { identity: sequence, time: header.appendTime })
        }
      }
    }
  }

  /** A message was received, or its visibility changed. Returns it; undefined when it is gone. */
  applyLease(row: LeaseRow): Held | undefined {
    const { identity } = row
    if (this.isGone(identity)) return undefined
    let held = this.held.get(identity)
    if (held === undefined) {
      const state = row.visibleAt === 0 ? 'visible' : 'in flight'
      held = heldAs(row, identity, state, 0)
      this.held.set(identity, held)
      return held
    }
    held.count = row.count
    held.visibleAt = row.visibleAt
    held.firstReceivedAt = row.firstReceivedAt
    held.lastReceivedAt = row.lastReceivedAt
    held.state = row.visibleAt === 0 ? 'visible' : 'in flight'
    return held
  }

  /** A message is gone. */
  applyGone(identity: number): void {
    const held = this.held.get(identity)
    this.gone.add(held?.sequence ?? identity)
    if (held === undefined) return
    this.held.delete(identity)
    this.relocated.delete(held.sequence)
  }

  /** All that lies below `sequence` is gone; returns those of them that were held. */
  applyFloor(sequence: number, purged: boolean): Held[] {
    this.gone.raise(sequence)
    if (purged) {
      this.purgedBelow = Math.max(this.purgedBelow, sequence)
      this.ids.forgetBelow(sequence)
    }
    const dropped: Held[] = []
    for (const held of this.held.values()) if (held.sequence < sequence) dropped.push(held)
    for (const { identity, sequence: place } of dropped) {
      this.held.delete(identity)
      this.relocated.delete(place)
    }
    this.delayed = this.delayed.filter((range) => range.next > sequence)
    return dropped
  }

  applyTask(task: MoveTaskRecord): void {
    const place = this.tasks.findIndex((each) => each.id === task.id)
    if (place >= 0) this.tasks[place] = task
    else this.tasks.push(task)
  }

  /** A record says that it is message `identity`, appended again: it takes the place of the old one. */
  #relocate(identity: number, sequence: number, sentAt: number): void {
    const held = this.held.get(identity)
    const old = held?.sequence ?? identity
    if (old === sequence) return
    if (this.gone.has(old)) {
      this.gone.add(sequence)
      return
    }
    this.gone.add(old)
    this.relocated.delete(old)
    this.relocated.set(sequence, identity)
    if (held === undefined) this.held.set(identity, pristine(identity, sequence, sentAt))
    else {
      held.sequence = sequence
      held.sentAt = sentAt
    }
  }

  #delay(sequence: number, due: number): void {
    if (this.gone.has(sequence)) return
    const last = this.delayed.at(-1)
    if (last !== undefined && last.next > sequence) return
    if (last?.next === sequence && last.due === due) last.next++
    else this.delayed.push({ first: sequence, next: sequence + 1, due })
  }

  /** The parts one behind the other, each behind its u32 length: gone, held rows, delayed ranges, tasks (JSON). */
  pack(): Uint8Array {
    const tasks = new TextEncoder().encode(JSON.stringify({ purgedBelow: this.purgedBelow, tasks: this.tasks }))
    return joined([this.gone.pack(), this.#packHeld(), this.#packDelayed(), tasks])
  }

  /** Reads what `pack` wrote. */
  static unpack(bytes: Uint8Array, ids: DeduplicationIds): QueueState {
    const [gone, held, delayed, tasks] = parted(bytes) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const state = new QueueState(ids)
    state.gone = SequenceSet.unpack(gone)
    state.#unpackHeld(held)
    state.#unpackDelayed(delayed)
    const rest = JSON.parse(new TextDecoder().decode(tasks)) as { purgedBelow: number; tasks: MoveTaskRecord[] }
    state.purgedBelow = rest.purgedBelow
    state.tasks = rest.tasks
    return state
  }

  #packHeld(): Uint8Array {
    const row = leaseRowBytes + 16
    const bytes = new Uint8Array(this.held.size * row)
    const view = viewOf(bytes)
    let at = 0
    for (const held of this.held.values()) {
      writeLeaseRow(view, at, held)
      writeU64(view, at + leaseRowBytes, held.sequence)
      writeU64(view, at + leaseRowBytes + 8, held.sentAt)
      at += row
    }
    return bytes
  }

  #unpackHeld(bytes: Uint8Array): void {
    const view = viewOf(bytes)
    for (let at = 0; at < bytes.length; at += leaseRowBytes + 16) {
      const lease = readLeaseRow(view, at)
      const sequence = readU64(view, at + leaseRowBytes)
      const state = lease.visibleAt === 0 ? 'visible' : 'in flight'
      const sentAt = readU64(view, at + leaseRowBytes + 8)
      this.held.set(lease.identity, heldAs(lease, sequence, state, sentAt))
      if (sequence !== lease.identity) this.relocated.set(sequence, lease.identity)
    }
  }

  #packDelayed(): Uint8Array {
    const bytes = new Uint8Array(this.delayed.length * 24)
    const view = viewOf(bytes)
    for (const [i, { first, next, due }] of this.delayed.entries()) {
      writeU64(view, i * 24, first)
      writeU64(view, i * 24 + 8, next)
      writeU64(view, i * 24 + 16, due)
    }
    return bytes
  }

  #unpackDelayed(bytes: Uint8Array): void {
    const view = viewOf(bytes)
    for (let at = 0; at < bytes.length; at += 24) {
      this.delayed.push({ first: readU64(view, at), next: readU64(view, at + 8), due: readU64(view, at + 16) })
    }
  }
}

/** Written out, member by member: objects made by spreading have a shape of their own each, which takes more room than they do. */
function heldAs(row: LeaseRow, sequence: number, state: HeldState, sentAt: number): Held {
  const { identity, count, visibleAt, firstReceivedAt, lastReceivedAt } = row
  return { identity, sequence, count, visibleAt, firstReceivedAt, lastReceivedAt, state, sentAt, group: undefined }
}

/** A message that was not received yet. */
function pristine(identity: number, sequence: number, sentAt: number): Held {
  const row = { identity, count: 0, visibleAt: 0, firstReceivedAt: 0, lastReceivedAt: 0 }
  return heldAs(row, sequence, 'visible', sentAt)
}

/** Parts one behind the other, each behind its u32 length. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  const view = viewOf(bytes)
  let at = 0
  for (const part of parts) {
    view.setUint32(at, part.length)
    bytes.set(part, at + 4)
    at += 4 + part.length
  }
  return bytes
}

/** Reads what `joined` wrote. */
export function parted(bytes: Uint8Array): Uint8Array[] {
  const view = viewOf(bytes)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at)
    parts.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return parts
}
