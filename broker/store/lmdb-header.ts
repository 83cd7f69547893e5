import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

/**
 * The first bytes of a page (24: u64 number, u64 transaction, u16 pad, u16 flags, …) and of the LMDB meta data in it, which is in
 * the machine's own byte order: u32 magic, u32 version, u64 address, u64 map size, then twice 48 bytes of a tree (u32 pad, u16
 * flags, u16 depth, 4 x u64, u64 root), u64 last page, u64 transaction.
 */
const metaBytes = 24 + 24 + 2 * 48 + 16
const metaFlag = 0x08
const magic = 0xbeefc0de
const version = 2
const depthMax = 32
const noPage = 2n ** 64n - 1n
/** Where pages are freed again, the last ones may never have been written; so many they are not. */
const unwrittenPagesMax = 65_536n
const littleEndian = endianness() === 'LE'

/**
 * Why the file at `path` cannot be an LMDB environment; undefined when it can, or isn't there. Asked before LMDB is let near
 * a file, because LMDB does not fail to open one that is damaged there: it ends the process. `whole` says that each page was
 * written, which is so where nothing is ever overwritten: then a file that was cut short is found too, instead of being read
 * beyond its end, which ends the process as well.
 */
export function faultInHeader(path: string, whole: boolean): string | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const first = metaAt(file, 0)
    if (first === undefined) return 'it is shorter than its header'
    const pageBytes = first.getUint32(48, littleEndian)
    return faultIn(first) ?? faultInTrees(file, first, pageBytes, whole)
  } finally {
    closeSync(file)
  }
}

function metaAt(file: number, at: number): DataView | undefined {
  const bytes = new Uint8Array(metaBytes)
  const read = readSync(file, bytes, 0, metaBytes, at)
  return read === metaBytes ? new DataView(bytes.buffer) : undefined
}

function faultIn(meta: DataView): string | undefined {
  if ((meta.getUint16(18, littleEndian) & metaFlag) === 0) return 'its first pages hold no meta data'
  if (meta.getUint32(24, littleEndian) !== magic) return 'it does not say that it is of LMDB'
  if ((meta.getUint32(28, littleEndian) & 0xffff) !== version) return 'it is of another version of LMDB'
  return undefined
}

function faultInTrees(file: number, first: DataView, pageBytes: number, whole: boolean): string | undefined {
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) return 'its page size is none'
  const { size } = fstatSync(file)
  const second = size < 2 * pageBytes ? undefined : metaAt(file, pageBytes)
  if (second === undefined) return 'it ends inside its header'
  const fault = faultIn(second)
  if (fault !== undefined) return fault
  if (second.getUint32(48, littleEndian) !== pageBytes) return 'its page size is two'
  // Transactions write the two in turn. A changed number would make an older state look like the newest.
  const transactions = [first, second].map((meta) => meta.getBigUint64(152, littleEndian)) as [bigint, bigint]
  const apart = transactions[0] - transactions[1]
  if (apart < -1n || apart > 1n) return 'its last two transactions do not follow one another'
  const pages = BigInt(Math.floor(size / pageBytes))
  for (const meta of [first, second]) {
    if (meta.getBigUint64(144, littleEndian) >= pages + (whole ? 0n : unwrittenPagesMax)) return 'it was cut short'
    for (const tree of [48, 96]) {
      const root = meta.getBigUint64(tree + 40, littleEndian)
      if (root !== noPage && (root < 2n || root >= pages)) return 'its root is no page of it'
      if (meta.getUint16(tree + 6, littleEndian) > depthMax) return 'its tree is deeper than any'
    }
  }
  return undefined
}
