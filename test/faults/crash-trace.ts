/** What a process did to its files, in order. Files are told apart by inode, since names change. */
export type TraceEvent =
  | { readonly kind: 'open'; readonly path: string; readonly inode: number; readonly truncated: boolean }
  | { readonly kind: 'write'; readonly inode: number; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'truncate'; readonly inode: number; readonly size: number }
  /** A file's writes among the first `upTo` events are on disk. */
  | { readonly kind: 'sync'; readonly inode: number; readonly upTo: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly path: string }
  /** The names that changed among the first `upTo` events are on disk. */
  | { readonly kind: 'syncDirectory'; readonly upTo: number }

const headerBytes = 32

/** Reads what record-writes.c wrote; paths lose `directory` and the slash behind it. */
export function parseTrace(bytes: Uint8Array, directory: string): TraceEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: TraceEvent[] = []
  for (let at = 0; at < bytes.length; ) {
    const [kind, pathBytes, dataBytes] = [0, 4, 8].map((offset) => view.getUint32(at + offset, true)) as [
      number,
      number,
      number,
    ]
    const inode = Number(view.getBigUint64(at + 16, true))
    const offset = Number(view.getBigUint64(at + 24, true))
    const pathAt = at + headerBytes
    const path = below(directory, bytes.subarray(pathAt, pathAt + pathBytes))
    const data = bytes.subarray(pathAt + pathBytes, pathAt + pathBytes + dataBytes)
    at = pathAt + pathBytes + dataBytes
    events.push(eventOf(kind, path, inode, offset, data, directory))
  }
  return events
}

function eventOf(
  kind: number,
  path: string,
  inode: number,
  offset: number,
  data: Uint8Array,
  directory: string,
): TraceEvent {
  switch (kind) {
    case 1:
      return { kind: 'open', path, inode, truncated: offset === 1 }
    case 2:
      return { kind: 'write', inode, offset, data }
    case 3:
      return { kind: 'sync', inode, upTo: offset }
    case 4:
      return { kind: 'truncate', inode, size: offset }
    case 5:
      return { kind: 'rename', from: path, to: below(directory, data) }
    case 6:
      return { kind: 'unlink', path }
    case 7:
      return { kind: 'syncDirectory', upTo: offset }
    default:
      throw new Error(`a trace has no records of kind ${kind}`)
  }
}

function below(directory: string, path: Uint8Array): string {
  return Buffer.from(path)
    .toString()
    .slice(directory.length + 1)
}
