/**
 * MD5 (RFC 1321) of short UTF-8 strings, which is what maps a partition key to a place in a stream's hash range.
 * Written here because producers run in browsers too, whose own crypto has no MD5, and because for a key of a few
 * dozen bytes this is faster than a call into a native library.
 */
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0)
/** The block that is mixed next, as bytes and as little-endian words. */
const block = new Uint8Array(64)
const words = new Int32Array(16)
const blockView = new DataView(block.buffer)
/** What fits into one block beside the padding. */
const shortLengthMax = 55
const initial = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476)
const state = new Int32Array(4)
const encoder = new TextEncoder()

/** A 128-bit hash as four unsigned 32-bit words, most significant first. */
export type Hash128 = readonly [number, number, number, number]

/** The MD5 of `text` in UTF-8, read as a big-endian 128-bit integer. */
export function md5(text: string): Hash128 {
  state.set(initial)
  const { length } = text
  // A short ASCII key, which is nearly every key, is written straight into its only block.
  if (length <= shortLengthMax && fillAscii(text)) {
    pad(length)
    finish(length)
  } else mixAll(encoder.encode(text))
  return [swap(state[0] as number), swap(state[1] as number), swap(state[2] as number), swap(state[3] as number)]
}

/** Writes `text` at the start of the block; false when a character is not ASCII. */
function fillAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return false
    block[i] = code
  }
  return true
}

/** Mixes in all of `bytes`, padded as RFC 1321 section 3.1 says. */
function mixAll(bytes: Uint8Array): void {
  let at = 0
  for (; bytes.length - at >= 64; at += 64) {
    block.set(bytes.subarray(at, at + 64))
    mix()
  }
  const rest = bytes.length - at
  block.set(bytes.subarray(at))
  pad(rest)
  if (rest > shortLengthMax) {
    mix()
    block.fill(0)
  }
  finish(bytes.length)
}

function pad(length: number): void {
  block[length] = 0x80
  block.fill(0, length + 1)
}

/** Mixes the last block, with the length of the whole in bits at its end, which leaves room for texts of 2^29 bytes. */
function finish(length: number): void {
  const bits = length << 3
  block[56] = bits
  block[57] = bits >>> 8
  block[58] = bits >>> 16
  block[59] = bits >>> 24
  mix()
}

/** The four rounds of RFC 1321 section 3.4, four steps at a time, so that the registers need not be moved about. */
function mix(): void {
  for (let i = 0; i < 16; i++) words[i] = blockView.getInt32(i * 4, true)
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  for (let i = 0; i < 16; i += 4) {
    a = step((b & c) | (~b & d), a, b, i, i, 7)
    d = step((a & b) | (~a & c), d, a, i + 1, i + 1, 12)
    c = step((d & a) | (~d & b), c, d, i + 2, i + 2, 17)
    b = step((c & d) | (~c & a), b, c, i + 3, i + 3, 22)
  }
  for (let i = 16; i < 32; i += 4) {
    a = step((d & b) | (~d & c), a, b, i, 5 * i + 1, 5)
    d = step((c & a) | (~c & b), d, a, i + 1, 5 * i + 6, 9)
    c = step((b & d) | (~b & a), c, d, i + 2, 5 * i + 11, 14)
    b = step((a & c) | (~a & d), b, c, i + 3, 5 * i + 16, 20)
  }
  for (let i = 32; i < 48; i += 4) {
    a = step(b ^ c ^ d, a, b, i, 3 * i + 5, 4)
    d = step(a ^ b ^ c, d, a, i + 1, 3 * i + 8, 11)
    c = step(d ^ a ^ b, c, d, i + 2, 3 * i + 11, 16)
    b = step(c ^ d ^ a, b, c, i + 3, 3 * i + 14, 23)
  }
  for (let i = 48; i < 64; i += 4) {
    a = step(c ^ (b | ~d), a, b, i, 7 * i, 6)
    d = step(b ^ (a | ~c), d, a, i + 1, 7 * i + 7, 10)
    c = step(a ^ (d | ~b), c, d, i + 2, 7 * i + 14, 15)
    b = step(d ^ (c | ~a), b, c, i + 3, 7 * i + 21, 21)
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
}

/** One step: what `mixed` makes of register `a`, with sine `sine` and word `word` modulo 16, rotated left by `shift`. */
function step(mixed: number, a: number, b: number, sine: number, word: number, shift: number): number {
  const sum = (a + mixed + (sines[sine] as number) + (words[word & 15] as number)) | 0
  return (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0
}

/** MD5 keeps its state little-endian; the hash range is big-endian. */
function swap(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}
