/**
 * MD5 (RFC 1321) of short UTF-8 strings, which is what maps a partition key to a place in a stream's hash range.
 * Written here because producers run in browsers too, whose own crypto has no MD5, and because for a key of a few
 * dozen bytes this is faster than a call into a native library.
 */
const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0)
const words = new Int32Array(16)
const initial = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476)
const state = new Int32Array(4)
const scratch = new Uint8Array(256)
const encoder = new TextEncoder()

/** A 128-bit hash as four unsigned 32-bit words, most significant first. */
export type Hash128 = readonly [number, number, number, number]

/** The MD5 of `text` in UTF-8, read as a big-endian 128-bit integer. */
export function md5(text: string): Hash128 {
  const bytes = utf8(text)
  state.set(initial)
  const blocks = ((bytes.length + 8) >>> 6) + 1
  for (let block = 0; block < blocks; block++) {
    loadWords(bytes, block * 64)
    if (block === blocks - 1) words[14] = bytes.length << 3
    mix()
  }
  return [swap(state[0] as number), swap(state[1] as number), swap(state[2] as number), swap(state[3] as number)]
}

/** The bytes of `text`: keys are short and mostly ASCII, for which a loop beats the encoder. They are valid until the next call. */
function utf8(text: string): Uint8Array {
  if (text.length > scratch.length) return encoder.encode(text)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return encoder.encode(text)
    scratch[i] = code
  }
  return scratch.subarray(0, text.length)
}

/** Fills `words` with the 64 bytes from `start` on, padded as RFC 1321 section 3.1 says; the length goes in after. */
function loadWords(bytes: Uint8Array, start: number): void {
  for (let i = 0; i < 16; i++) {
    let word = 0
    for (let j = 3; j >= 0; j--) {
      const at = start + i * 4 + j
      word = (word << 8) | (at < bytes.length ? (bytes[at] as number) : at === bytes.length ? 0x80 : 0)
    }
    words[i] = word
  }
}

function mix(): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number]
  for (let i = 0; i < 64; i++) {
    const round = i >> 4
    let f: number
    let g: number
    if (round === 0) {
      f = (b & c) | (~b & d)
      g = i
    } else if (round === 1) {
      f = (d & b) | (~d & c)
      g = (5 * i + 1) & 15
    } else if (round === 2) {
      f = b ^ c ^ d
      g = (3 * i + 5) & 15
    } else {
      f = c ^ (b | ~d)
      g = (7 * i) & 15
    }
    const sum = (a + f + (sines[i] as number) + (words[g] as number)) | 0
    const shift = shifts[round * 4 + (i & 3)] as number
    a = d
    d = c
    c = b
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
}

/** MD5 keeps its state little-endian; the hash range is big-endian. */
function swap(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}
