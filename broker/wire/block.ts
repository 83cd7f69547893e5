import { crc32 } from '#crc32'
import { MillraceError } from './errors.ts'
import { readU64, viewOf, writeU64 } from './u64.ts'

/**
 * A block: the unit of write, storage, cache and delivery. All integers big-endian.
 *
 *     offset size field
 *          0    2 magic            0x4d52, "MR"
 *          2    1 version          1
 *          3    1 reserved         0
 *          4    4 length           bytes of the whole block, this header included
 *          8    8 base sequence    of the first record; the broker writes it
 *         16    8 append time      milliseconds since 1970; the broker writes it
 *         24    4 crc32            of the bytes from 28 to the end
 *         28    1 flags            0 (bit 0 is reserved for compression)
 *         29    1 reserved         0
 *         30    2 count            records in the body, 1 to 65,535
 *         32    8 producer id      0: not idempotent
 *         40    8 producer sequence   counts this producer's blocks for this shard, from 0
 *         48    - body             `count` records, see record.ts
 *
 * What the broker writes lies before the CRC's range, so it never touches or sums the body again.
 */
export const blockHeaderBytes = 48
export const blockRecordsMax = 65_535
const magic = 0x4d52
const version = 1
const crcFrom = 28

/** A block's header as values. */
export interface BlockHeader {
  readonly length: number
  readonly baseSequence: number
  readonly appendTime: number
  readonly crc: number
  readonly count: number
  readonly producerId: number
  readonly producerSequence: number
}

/**
 * Reads the header that starts at `at` of `view`.
 * @throws block_malformed, block_version
 */
export function readBlockHeader(view: DataView, at = 0): BlockHeader {
  if (view.byteLength - at < blockHeaderBytes) throw malformed(`${view.byteLength - at} bytes cannot hold a header`)
  if (view.getUint16(at) !== magic) throw malformed('it does not start with the magic number')
  const found = view.getUint8(at + 2)
  if (found !== version) throw new MillraceError('block_version', { version: found, known: version })
  const length = view.getUint32(at + 4)
  if (length < blockHeaderBytes || length > view.byteLength - at) {
    throw malformed(`its length says ${length} and ${view.byteLength - at} bytes are there`)
  }
  if (view.getUint8(at + 28) !== 0) throw malformed(`unknown flags ${view.getUint8(at + 28)}`)
  const count = view.getUint16(at + 30)
  if (count === 0) throw malformed('it holds no record')
  return {
    length,
    baseSequence: safeU64(view, at + 8, 'base sequence'),
    appendTime: safeU64(view, at + 16, 'append time'),
    crc: view.getUint32(at + 24),
    count,
    producerId: safeU64(view, at + 32, 'producer id'),
    producerSequence: safeU64(view, at + 40, 'producer sequence'),
  }
}

/** From 2^53 on two different ids would be read as the same number. */
function safeU64(view: DataView, at: number, what: string): number {
  const value = readU64(view, at)
  if (value > Number.MAX_SAFE_INTEGER) throw malformed(`its ${what} is not below 2^53`)
  return value
}

/** Writes a header, all but what the broker fills in, over the first bytes of `block`, whose body must be complete. */
export function sealBlock(block: Uint8Array, count: number, producerId: number, producerSequence: number): void {
  const view = viewOf(block)
  view.setUint16(0, magic)
  view.setUint8(2, version)
  view.setUint8(3, 0)
  view.setUint32(4, block.length)
  writeU64(view, 8, 0)
  writeU64(view, 16, 0)
  view.setUint16(28, 0)
  view.setUint16(30, count)
  writeU64(view, 32, producerId)
  writeU64(view, 40, producerSequence)
  view.setUint32(24, crc32(block.subarray(crcFrom)))
}

/** Writes the two fields that are the broker's into the block that starts at `at`. */
export function stampBlock(view: DataView, at: number, baseSequence: number, appendTime: number): void {
  writeU64(view, at + 8, baseSequence)
  writeU64(view, at + 16, appendTime)
}

/**
 * Compares the CRC in the header with that of the bytes.
 * @throws block_crc
 */
export function checkBlockCrc(block: Uint8Array, header: BlockHeader): void {
  const actual = crc32(block.subarray(crcFrom, header.length))
  if (actual !== header.crc) throw new MillraceError('block_crc', { said: header.crc, actual })
}

/** The blocks that lie one behind the other in `run`, in order, each with its header and its own bytes. */
export function* blocksOf(run: Uint8Array): Generator<{ header: BlockHeader; block: Uint8Array }> {
  const view = viewOf(run)
  for (let at = 0; at < run.length; ) {
    const header = readBlockHeader(view, at)
    yield { header, block: run.subarray(at, at + header.length) }
    at += header.length
  }
}

function malformed(reason: string): MillraceError {
  return new MillraceError('block_malformed', { reason })
}
