import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { open as openFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Key, open, type RootDatabase } from 'lmdb'
import { MillraceError } from '../wire/errors.ts'
import { syncDirectory } from './data-directory.ts'
import { faultInHeader } from './lmdb-header.ts'

/** How an environment of ours is opened. */
export interface LmdbOptions {
  /** Address space, not disk or memory. */
  readonly mapSize: number
  /** Whether it is a segment: keys are u32, and nothing in it is ever overwritten. */
  readonly segment: boolean
  readonly readOnly?: boolean
}

/** LMDB's table of readers: its size for the 126 that lmdb asks for, in whole pages. */
const readerTableBytes = 12 * 1024

/**
 * Opens the environment in the file at `path`, creating it if need be.
 * @throws store_corrupt when the file is no environment, store_full, store_failed when it cannot be opened
 */
export function openLmdb<K extends Key>(path: string, options: LmdbOptions): RootDatabase<Buffer, K> {
  const { mapSize, segment, readOnly = false } = options
  const fault = faultInHeader(path, segment)
  if (fault !== undefined) throw new MillraceError('store_corrupt', { commit: 'unknown', reason: `${path}: ${fault}` })
  reserveReaderTable(path)
  try {
    return open<Buffer, K>({
      path,
      mapSize,
      readOnly,
      ...(segment ? { keyEncoding: 'uint32' } : {}),
      noSubdir: true,
      encoding: 'binary',
      // Visible means durable: a reader of LMDB never sees what a power cut could take back.
      overlappingSync: false,
      // The committer batches; LMDB's own batching adds a rejection nobody can catch when a commit fails.
      eventTurnBatching: false,
      cache: false,
    })
  } catch (cause) {
    throw unopened(path, cause)
  }
}

/**
 * Takes the disk space of the reader table beforehand. LMDB makes it a hole in a file, maps it, and writes to it as memory: where the disk
 * is full by then, that is no error but a SIGBUS, and the end of the process.
 */
function reserveReaderTable(path: string): void {
  const file = openSync(`${path}-lock`, constants.O_RDWR | constants.O_CREAT, 0o664)
  try {
    const { size } = fstatSync(file)
    const missing = readerTableBytes - size
    if (missing > 0) writeSync(file, new Uint8Array(missing), 0, missing, size)
  } catch (cause) {
    const reason = `for the readers of ${path}: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new MillraceError('store_full', { reason }, cause)
  } finally {
    closeSync(file)
  }
}

function unopened(path: string, cause: unknown): MillraceError {
  const reason = `opening ${path}: ${cause instanceof Error ? cause.message : String(cause)}`
  const { code } = cause as { code?: unknown }
  // LMDB's own codes are around -30,800; those of the system are positive.
  if (typeof code !== 'number' || code > -30_000) return new MillraceError('store_failed', { reason }, cause)
  return new MillraceError('store_corrupt', { commit: 'unknown', reason }, cause)
}

/**
 * Creates an empty environment at `path` that is there whole or not at all. LMDB writes a new file's first pages without a
 * flush, and refuses a file of which a crash left half of them; so they are written, and flushed, under another name.
 */
export async function createLmdb(path: string, options: LmdbOptions): Promise<void> {
  const fresh = `${path}.new`
  await removeLmdb(fresh)
  await openLmdb(fresh, options).close()
  const handle = await openFile(fresh, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, path)
  await rm(`${fresh}-lock`, { force: true })
  await syncDirectory(dirname(path))
}

/** Removes the files of a closed environment; the disk space comes back at once. */
export async function removeLmdb(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}-lock`, { force: true })
}

/** LMDB hands the real error of a failed commit over as a promise that rejects with it. */
export async function innerCause(error: unknown): Promise<unknown> {
  const inner = (error as { commitError?: Promise<never> }).commitError
  if (inner === undefined) return error
  return inner.then(
    () => error,
    (cause: unknown) => cause,
  )
}
