import * as assert from 'uvu/assert'
import type { Segment, Store } from '../../broker/store/store.ts'
import { MillraceError } from '../../broker/wire/errors.ts'

/** Somewhere an engine keeps one store. */
export interface StorePlace {
  /** Opens what is there: nothing at first, later what the last one left. */
  open(): Promise<Store>
  /**
   * Opens a store whose appends and puts fail, with store_full, from `fill` on and work again after `empty`; undefined where that
   * cannot be had here.
   */
  openFillable?: (() => Promise<{ store: Store; fill(): Promise<void>; empty(): Promise<void> }>) | undefined
  /** Removes it all. Every store opened was closed. */
  remove(): Promise<void>
}

/** What an engine is checked for: the contract's name, and what shows it, in a place of its own. */
export type Contracts = Readonly<Record<string, (place: StorePlace) => Promise<void>>>

/** A commit that tells its number and size apart from every other. */
export function commitOf(number: number, size = 100): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = (number * 31 + i * 7 + (i >> 8)) & 0xff
  return bytes
}

export async function appendMany(store: Store, count: number, size = 100): Promise<void> {
  for (let i = 0; i < count; i++) {
    const number = store.openSegment().end
    assert.is(await store.append(commitOf(number, size)), number)
  }
}

export async function whole(store: Store, commit: number, length = 100): Promise<Buffer> {
  return Buffer.from(await store.read([{ commit, offset: 0, length }]))
}

/** The code of the MillraceError that `promise` must end in. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => 'taken',
    (error: unknown) => (error instanceof MillraceError ? error.code : `not ours: ${String(error)}`),
  )
  return outcome
}

export async function scanned(store: Store, from: number): Promise<[number, Buffer][]> {
  const all: [number, Buffer][] = []
  for await (const { number, value } of store.scan(from)) all.push([number, Buffer.from(value)])
  return all
}

export const numbers = (all: readonly [number, Buffer][]) => all.map(([number]) => number)
export const shapes = (segments: readonly Segment[]) => segments.map(({ first, end, sealed }) => [first, end, sealed])
export const text = (said: string) => new TextEncoder().encode(said)
