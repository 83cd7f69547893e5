/**
 * Unsigned 64-bit integers held as numbers. Sequences, times and ids stay below 2^53, so a double holds them exactly
 * and no BigInt is allocated per record.
 */
const word = 2 ** 32

/** Reads 8 big-endian bytes. A value of 2^53 or more loses its low bits; writers here never make one. */
export function readU64(view: DataView, at: number): number {
  return view.getUint32(at) * word + view.getUint32(at + 4)
}

/** Writes 8 big-endian bytes. `value` must be an integer from 0 to 2^53 - 1. */
export function writeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / word))
  view.setUint32(at + 4, value >>> 0)
}

/** A DataView over exactly the bytes of `bytes`. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
