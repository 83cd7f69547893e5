import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Piece, Segment, Store, TableChange, TableEntry } from '../../broker/store/store.ts'
import type { TraceEvent } from './crash-trace.ts'

const pageBytes = 4096
/** LMDB's first two pages say which tree is the newest; they are written when all others are on disk. */
const metaPages = 2

/**
 * Works out what a store wrote by comparing its files before and after each operation. It runs anywhere, and takes for granted what
 * record-writes.c sees for itself: that LMDB writes a commit's pages, flushes them, and then writes its meta page, and that names
 * are flushed as they change.
 */
export class PageRecorder {
  readonly events: TraceEvent[] = []
  readonly #directory: string
  readonly #files = new Map<string, { inode: number; bytes: Uint8Array }>()
  #inodes = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Notes something of the caller's in the order of events: as a write to a file of that name. */
  note(name: string, line: string): void {
    const file = this.#files.get(name) ?? this.#created(name)
    this.events.push({ kind: 'write', inode: file.inode, offset: 0, data: Buffer.from(`${line}\n`) })
  }

  /** Records how the directory differs from what it was. */
  observe(): void {
    const names = readdirSync(this.#directory).filter((name) => !name.includes('-lock'))
    for (const name of names) this.#changed(name, readFileSync(join(this.#directory, name)))
    for (const [name, { bytes }] of this.#files) {
      if (names.includes(name) || bytes.length === 0) continue
      this.events.push({ kind: 'unlink', path: name })
      this.events.push({ kind: 'syncDirectory', upTo: this.events.length })
      this.#files.delete(name)
    }
  }

  #created(name: string): { inode: number; bytes: Uint8Array } {
    const file = { inode: ++this.#inodes, bytes: new Uint8Array(0) }
    this.#files.set(name, file)
    this.events.push({ kind: 'open', path: name, inode: file.inode, truncated: false })
    return file
  }

  #changed(name: string, bytes: Uint8Array): void {
    const known = this.#files.get(name)
    // A file is made under another name, and gets its own when all in it is on disk.
    const { inode, bytes: before } = known ?? this.#created(`${name}.new`)
    this.#files.delete(`${name}.new`)
    this.#files.set(name, { inode, bytes })
    const pages = changedPages(before, bytes)
    const write = (page: number) => {
      const offset = page * pageBytes
      this.events.push({ kind: 'write', inode, offset, data: bytes.subarray(offset, offset + pageBytes) })
    }
    for (const page of pages) if (page >= metaPages) write(page)
    this.#sync(inode)
    for (const page of pages) if (page < metaPages) write(page)
    this.#sync(inode)
    if (known !== undefined) return
    this.events.push({ kind: 'rename', from: `${name}.new`, to: name })
    this.events.push({ kind: 'syncDirectory', upTo: this.events.length })
  }

  #sync(inode: number): void {
    this.events.push({ kind: 'sync', inode, upTo: this.events.length })
  }
}

function changedPages(before: Uint8Array, after: Uint8Array): number[] {
  const pages = Array.from({ length: Math.ceil(after.length / pageBytes) }, (_, page) => page)
  const at = (bytes: Uint8Array, page: number) => Buffer.from(bytes.subarray(page * pageBytes, (page + 1) * pageBytes))
  return pages.filter((page) => !at(before, page).equals(at(after, page)))
}

/** A store whose operations are done one at a time, and recorded. */
export class RecordedStore implements Store {
  readonly supports: Store['supports']
  readonly #store: Store
  readonly #recorder: PageRecorder
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: Store, recorder: PageRecorder) {
    this.supports = store.supports
    this.#store = store
    this.#recorder = recorder
    recorder.observe()
  }

  append(commit: Uint8Array): Promise<number> {
    return this.#record(() => this.#store.append(commit))
  }

  seal(index: Uint8Array): Promise<void> {
    return this.#record(() => this.#store.seal(index))
  }

  trim(number: number): Promise<void> {
    return this.#record(() => this.#store.trim(number))
  }

  put(changes: readonly TableChange[]): Promise<void> {
    return this.#record(() => this.#store.put(changes))
  }

  read(pieces: readonly Piece[]): Promise<Uint8Array> {
    return this.#store.read(pieces)
  }

  scan(from: number): AsyncIterable<{ readonly number: number; readonly value: Uint8Array }> {
    return this.#store.scan(from)
  }

  index(segment: number): Promise<Uint8Array> {
    return this.#store.index(segment)
  }

  segments(): readonly Segment[] {
    return this.#store.segments()
  }

  openSegment(): Segment {
    return this.#store.openSegment()
  }

  value(key: string): Promise<Uint8Array | undefined> {
    return this.#store.value(key)
  }

  entries(prefix: string): Promise<readonly TableEntry[]> {
    return this.#store.entries(prefix)
  }

  close(): Promise<void> {
    return this.#record(() => this.#store.close())
  }

  #record<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work).then((value) => {
      this.#recorder.observe()
      return value
    })
    this.#last = result.catch(() => undefined)
    return result
  }
}
