import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LmdbSegment, segmentName, segmentOfName } from './lmdb-segment.ts'

/** A segment that never changes again. */
export interface SealedSegment {
  readonly first: number
  /** The number behind its last commit. */
  readonly end: number
  readonly bytes: number
}

/** The segments of a directory: all but the last are sealed. */
export interface Chain {
  readonly sealed: SealedSegment[]
  readonly open: LmdbSegment
  readonly next: number
  readonly openBytes: number
}

/**
 * Finds the segments and opens the last one, or a new one behind it if a crash came just after it was sealed.
 * @throws store_corrupt, store_failed; then nothing is left open
 */
export async function openChain(directory: string, mapBytes: number): Promise<Chain> {
  const names = await readdir(directory)
  await removeLeftovers(directory, names)
  const firsts = names.map(segmentOfName).filter((first) => first !== undefined)
  firsts.sort((a, b) => a - b)
  const sealed: SealedSegment[] = []
  for (const [i, first] of firsts.slice(0, -1).entries()) {
    sealed.push({ first, end: firsts[i + 1] as number, bytes: await bytesOf(directory, first) })
  }
  const last = firsts.at(-1)
  if (last === undefined) return emptyChain(sealed, await LmdbSegment.create(directory, 0, mapBytes))
  const open = LmdbSegment.open(directory, last, mapBytes, false)
  let next: number
  let isSealed: boolean
  try {
    next = last + open.count()
    isSealed = open.index() !== undefined
    open.requireEntries(next - last + (isSealed ? 1 : 0))
  } catch (error) {
    await open.close()
    throw error
  }
  const bytes = next === last ? 0 : await bytesOf(directory, last)
  if (!isSealed) return { sealed, open, next, openBytes: bytes }
  await open.close()
  sealed.push({ first: last, end: next, bytes })
  return emptyChain(sealed, await LmdbSegment.create(directory, next, mapBytes))
}

function emptyChain(sealed: SealedSegment[], open: LmdbSegment): Chain {
  return { sealed, open, next: open.first, openBytes: 0 }
}

/** The place of the last segment that begins at `commit` or before it; -1 when there is none. */
export function lastNotAfter(segments: readonly SealedSegment[], commit: number): number {
  let low = -1
  let high = segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((segments[middle] as SealedSegment).first <= commit) low = middle
    else high = middle - 1
  }
  return low
}

/** Removes what a crash in the middle of creating or removing a segment left: nothing of it was ever acknowledged or needed. */
async function removeLeftovers(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const unfinished = /^(log-\d{16}\.mdb|catalog\.mdb|FORMAT)\.new(-lock)?$/.test(name)
    const lockOfNothing = /^log-\d{16}\.mdb-lock$/.test(name) && !names.includes(name.slice(0, -'-lock'.length))
    if (unfinished || lockOfNothing) await rm(join(directory, name), { force: true })
  }
}

async function bytesOf(directory: string, first: number): Promise<number> {
  const { size } = await stat(join(directory, segmentName(first)))
  return size
}
