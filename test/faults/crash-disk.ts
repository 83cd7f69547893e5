import type { Random } from '../random.ts'
import type { TraceEvent } from './crash-trace.ts'

/** What a disk is sure to write as a whole. */
const sectorBytes = 512

type FileChange =
  | { readonly at: number; readonly offset: number; readonly data: Uint8Array }
  | { readonly at: number; readonly size: number }

interface DiskFile {
  readonly inode: number
  durable: Uint8Array
  pending: FileChange[]
}

/** A change of names: `file` gets `name`, and `gone` is nobody's any more. */
interface NameChange {
  readonly at: number
  readonly name?: string
  readonly file?: DiskFile
  readonly gone?: string
}

/** How much of what was not flushed a crash leaves. */
const fates = ['nothing', 'everything', 'a beginning', 'any part', 'any part'] as const

/**
 * A disk under a file system that promises what POSIX does: a flush makes a file's bytes durable, a flush of the directory its
 * names, and of the rest a crash may leave anything: writes in any order, whole, in part by sectors, or not at all.
 */
export class Disk {
  readonly #files = new Map<number, DiskFile>()
  /** Names as the running process sees them. */
  readonly #live = new Map<string, DiskFile>()
  readonly #durable = new Map<string, DiskFile>()
  #pending: NameChange[] = []
  #events = 0

  /** Does what the process did. */
  apply(event: TraceEvent): void {
    const at = this.#events++
    if (event.kind === 'open') this.#open(event, at)
    else if (event.kind === 'write') this.#files.get(event.inode)?.pending.push({ at, ...event })
    else if (event.kind === 'truncate') this.#files.get(event.inode)?.pending.push({ at, ...event })
    else if (event.kind === 'sync') this.#sync(event.inode, event.upTo)
    else if (event.kind === 'rename') this.#rename(event.from, event.to, at)
    else if (event.kind === 'unlink') this.#unlink(event.path, at)
    else this.#syncNames(event.upTo)
  }

  /** What the disk may hold after a crash at this very point: names to bytes. */
  image(random: Random): Map<string, Uint8Array> {
    const fate = random.pick(fates)
    const names = new Map(this.#durable)
    for (const change of survivors(this.#pending, fate, random)) rename(names, change)
    return new Map([...names].map(([name, file]) => [name, contentOf(file, fate, random)]))
  }

  #open({ path, inode, truncated }: { path: string; inode: number; truncated: boolean }, at: number): void {
    let file = this.#live.get(path)
    if (file?.inode !== inode) {
      file = { inode, durable: new Uint8Array(0), pending: [] }
      this.#files.set(inode, file)
      this.#live.set(path, file)
      this.#pending.push({ at, name: path, file })
    }
    if (truncated) file.pending.push({ at, size: 0 })
  }

  #rename(from: string, to: string, at: number): void {
    const file = this.#live.get(from)
    if (file === undefined) throw new Error(`${from} is renamed and was never opened`)
    this.#live.delete(from)
    this.#live.set(to, file)
    this.#pending.push({ at, name: to, file, gone: from })
  }

  #unlink(path: string, at: number): void {
    this.#live.delete(path)
    this.#pending.push({ at, gone: path })
  }

  #sync(inode: number, upTo: number): void {
    const file = this.#files.get(inode)
    if (file === undefined) return
    file.durable = withChanges(
      file.durable,
      file.pending.filter(({ at }) => at < upTo),
    )
    file.pending = file.pending.filter(({ at }) => at >= upTo)
  }

  #syncNames(upTo: number): void {
    for (const change of this.#pending) if (change.at < upTo) rename(this.#durable, change)
    this.#pending = this.#pending.filter(({ at }) => at >= upTo)
  }
}

function rename(names: Map<string, DiskFile>, { name, file, gone }: NameChange): void {
  if (gone !== undefined) names.delete(gone)
  if (name !== undefined && file !== undefined) names.set(name, file)
}

function survivors<T>(changes: readonly T[], fate: (typeof fates)[number], random: Random): readonly T[] {
  if (fate === 'nothing') return []
  if (fate === 'everything') return changes
  if (fate === 'a beginning') return changes.slice(0, random.below(changes.length + 1))
  return changes.filter(() => random.oneIn(2))
}

function contentOf(file: DiskFile, fate: (typeof fates)[number], random: Random): Uint8Array {
  const kept = survivors(file.pending, fate, random)
  const torn = fate === 'any part' || fate === 'a beginning' ? kept.flatMap((change) => tear(change, random)) : kept
  return withChanges(file.durable, torn)
}

/** The sectors of a write that reached the disk: often all, else some. */
function tear(change: FileChange, random: Random): FileChange[] {
  if ('size' in change || random.oneIn(2)) return [change]
  const { at, offset, data } = change
  const parts: FileChange[] = []
  for (let from = 0; from < data.length; ) {
    const end = Math.min(data.length, from + sectorBytes - ((offset + from) % sectorBytes))
    if (random.oneIn(2)) parts.push({ at, offset: offset + from, data: data.subarray(from, end) })
    from = end
  }
  return parts
}

function withChanges(bytes: Uint8Array, changes: readonly FileChange[]): Uint8Array {
  if (changes.length === 0) return bytes
  let size = bytes.length
  let largest = size
  for (const change of changes) {
    size = 'size' in change ? change.size : Math.max(size, change.offset + change.data.length)
    largest = Math.max(largest, size)
  }
  const all = new Uint8Array(largest)
  all.set(bytes)
  for (const change of changes) {
    if ('size' in change) all.fill(0, change.size)
    else all.set(change.data, change.offset)
  }
  return all.subarray(0, size)
}
