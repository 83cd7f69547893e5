import * as assert from 'uvu/assert'
import { MillraceError } from '../../broker/wire/errors.ts'
import { effort, Random } from '../random.ts'

/** Numbers that lengths and counts are likely to go wrong at. */
const awkward = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]

/** `bytes`, changed as a broken or hostile sender might: one to four times, in a copy. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  // A Buffer's own slice() would share its bytes.
  let changed = new Uint8Array(bytes)
  for (let times = random.between(1, 4); times > 0; times--) changed = mutateOnce(changed, random)
  return changed
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length)
  const way = bytes.length === 0 ? 5 : random.below(7)
  if (way === 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
  else if (way === 1) bytes[at] = random.below(256)
  else if (way === 2) return bytes.slice(0, at)
  else if (way === 3) return bytes.slice(at)
  else if (way === 4 && at + 4 <= bytes.length) {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, random.pick(awkward))
  } else if (way === 5) return joined(bytes, random.bytes(random.between(1, 40)))
  else return joined(bytes.subarray(0, at), bytes.subarray(random.below(at + 1)))
  return bytes
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/**
 * Feeds a decoder mutated valid inputs. It may take them or refuse them with a MillraceError, and nothing else; and it must
 * say the same whatever lies around the input in memory, which it would not if it read outside.
 */
export function fuzz(samples: readonly Uint8Array[], decode: (bytes: Uint8Array) => unknown, cases = 3_000): void {
  const random = new Random()
  let taken = 0
  for (let i = 0; i < cases * effort; i++) {
    const input = mutate(random.pick(samples), random)
    const alone = outcome(decode, new Uint8Array(input))
    if (!(alone instanceof MillraceError)) taken++
    for (const filler of [0x00, 0xff]) {
      const room = new Uint8Array(input.length + 200).fill(filler)
      room.set(input, 100)
      assert.equal(outcome(decode, room.subarray(100, 100 + input.length)), alone, `of ${hex(input)}`)
    }
  }
  assert.ok(taken < cases * effort, 'some of the mutations must be refused, or the decoder checks nothing')
}

function outcome(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof MillraceError && error.code !== 'internal') return error
    throw new Error(`a decoder threw something of its own at ${hex(bytes)}`, { cause: error })
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').slice(0, 2_000)
}
