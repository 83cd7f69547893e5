/**
 * CRC-32 (IEEE 802.3, as in zlib and RFC 1952 section 8) in plain JavaScript: the browser's copy, and the faster one
 * for short inputs anywhere, because a native call costs more than a few hundred bytes of table look-ups.
 */
const tables = buildTables()

function buildTables(): Uint32Array[] {
  const first = new Uint32Array(256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
    first[n] = c >>> 0
  }
  const all = [first]
  for (let slice = 1; slice < 8; slice++) {
    const before = all[slice - 1] as Uint32Array
    const table = new Uint32Array(256)
    for (let n = 0; n < 256; n++) {
      const c = before[n] as number
      table[n] = ((c >>> 8) ^ (first[c & 0xff] as number)) >>> 0
    }
    all.push(table)
  }
  return all
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
]

/** CRC-32 of `bytes`, as an unsigned 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1
  let at = 0
  const eights = bytes.length - (bytes.length % 8)
  // Eight bytes a step: one look-up in each of eight tables, so the additions don't wait for one another.
  for (; at < eights; at += 8) {
    const low =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24))
    crc =
      (t7[low & 0xff] as number) ^
      (t6[(low >>> 8) & 0xff] as number) ^
      (t5[(low >>> 16) & 0xff] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number)
  }
  for (; at < bytes.length; at++) crc = (t0[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8)
  return (crc ^ -1) >>> 0
}
