import { createHash } from 'node:crypto'
import { BlockWriter } from '../../broker/wire/record.ts'
import type { BlockName } from './crash-journal.ts'

/** The keys of a block's records, in order. They follow from its name, as all else in it does. */
export function keysOf({ stream, shard, producer, sequence }: BlockName): string[] {
  const name = `${stream}/${shard}/${producer}/${sequence}`
  const count = 1 + ((digestOf(name)[0] as number) % 4)
  return Array.from({ length: count }, (_, i) => `${name}/${i}`)
}

/** The bytes of the record with this key: from none to a few thousand. */
export function dataOf(key: string): Buffer {
  const digest = digestOf(key)
  const size = digest.readUInt16BE(0) % (digest[2] === 0 ? 9_000 : 700)
  return Buffer.alloc(size, digest)
}

/** The block as its producer packs it, every time the same. */
export function blockOf(name: BlockName): Uint8Array {
  const writer = new BlockWriter()
  for (const key of keysOf(name)) writer.add(key, dataOf(key))
  return writer.finish(name.producer, name.sequence)
}

/** Which block a key is of, and its place in it. */
export function placeOf(key: string): { producer: string; sequence: number; place: number } {
  const [stream, shard, producer, sequence, place] = key.split('/')
  return { producer: `${stream}/${shard}/${producer}`, sequence: Number(sequence), place: Number(place) }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
