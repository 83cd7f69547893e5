import type { Stream } from '../../broker/modes/stream.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { type Floors, openFloors } from '../log/harness.ts'
import { blockOf, dataOf, keysOf, placeOf } from './crash-blocks.ts'
import type { BlockName, JournalLine } from './crash-journal.ts'
import { crashBounds } from './crash-load.ts'

/** What must be found after a crash: the fold of the journal up to it. */
export class Expectation {
  /** Stream to the shards it has at least. */
  readonly streams = new Map<string, number>()
  /** Stream and shard to sequence to key. */
  readonly records = new Map<string, Map<number, string>>()
  /** Stream and shard to the sequence below which records may be gone. */
  readonly mayBeGone = new Map<string, number>()
  /** Producer's last acknowledged block in each shard, and where it went. */
  readonly lastBlocks = new Map<string, { name: BlockName; base: number }>()
  checkpoint = 0
  checkpointAsked = 0

  take(line: JournalLine): void {
    if (line.did === 'create' || line.did === 'split') this.streams.set(line.stream, line.shards)
    else if (line.did === 'ack') {
      for (const [i, key] of keysOf(line).entries()) this.#expect(`${line.stream}/${line.shard}`, line.base + i, key)
      this.lastBlocks.set(`${line.stream}/${line.shard}/${line.producer}`, { name: line, base: line.base })
    } else if (line.did === 'see') this.#expect(`${line.stream}/${line.shard}`, line.sequence, line.key)
    else if (line.did === 'checkpoint') this.checkpoint = line.next
    else if (line.did === 'ask checkpoint') this.checkpointAsked = line.next
    else if (line.did === 'retention')
      for (const [shard, below] of Object.entries(line.below)) this.mayBeGone.set(shard, below)
  }

  #expect(shard: string, sequence: number, key: string): void {
    let records = this.records.get(shard)
    if (records === undefined) {
      records = new Map()
      this.records.set(shard, records)
    }
    records.set(sequence, key)
  }
}

/** Opens what a crash left and says what is wrong with it: nothing, if all promises were kept. */
export async function faultsIn(directory: string, expected: Expectation): Promise<string[]> {
  let floors: Floors
  try {
    floors = await openFloors(await LmdbStore.open(directory), crashBounds)
  } catch (error) {
    return [`it does not open: ${error instanceof Error ? error.message : String(error)}`]
  }
  const faults: string[] = []
  try {
    for (const [name, shards] of expected.streams) {
      const stream = floors.streams.list().find((each) => each.name === name)
      if (stream === undefined) faults.push(`stream ${name} is gone`)
      else await checkStream(stream, shards, expected, faults)
    }
    await checkCheckpoint(floors, expected, faults)
    await checkRetries(floors, expected, faults)
  } catch (error) {
    faults.push(`reading it fails: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  } finally {
    await floors.close()
  }
  return faults
}

async function checkStream(stream: Stream, shards: number, expected: Expectation, faults: string[]): Promise<void> {
  if (stream.log.nextShard < shards) faults.push(`${stream.name} has lost shards`)
  for (let shard = 0; shard < shards; shard++) {
    const name = `${stream.name}/${shard}`
    const found = stream.log.shards.has(shard) ? await readShard(stream, shard, faults) : new Map<number, string>()
    const mayBeGone = expected.mayBeGone.get(name) ?? 0
    const first = stream.log.shards.get(shard)?.first ?? mayBeGone
    if (first > mayBeGone) faults.push(`${name} begins at ${first}; nothing from ${mayBeGone} on was to be removed`)
    for (const [sequence, key] of expected.records.get(name) ?? []) {
      if (sequence >= first && found.get(sequence) !== key) {
        faults.push(`${name} has ${found.get(sequence)} at ${sequence} where ${key} was acknowledged or delivered`)
      }
    }
    checkOrder(name, [...found.values()], faults)
  }
}

/** All of a shard, by sequence; each record's bytes must be those its key stands for. */
async function readShard(stream: Stream, shard: number, faults: string[]): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  const { first, next: end } = stream.log.shard(shard)
  let next = first
  while (next < end) {
    const page = await stream.read(shard, { sequence: next }, { recordsMax: 100, bytesMax: 20_000 })
    for (const { sequence, key, data } of page.records) {
      if (sequence !== next++) faults.push(`${stream.name}/${shard} has ${sequence} where ${next - 1} was next`)
      if (!dataOf(key).equals(data)) faults.push(`${stream.name}/${shard} has other bytes at ${sequence}`)
      found.set(sequence, key)
    }
    if (page.records.length === 0) {
      faults.push(`${stream.name}/${shard} ends at ${next} instead of ${end}`)
      break
    }
  }
  return found
}

/** Each producer's records must be there once and in the order they were sent, without one missing in between. */
function checkOrder(shard: string, keys: readonly string[], faults: string[]): void {
  const last = new Map<string, string>()
  for (const key of keys) {
    const { producer, sequence, place } = placeOf(key)
    const before = last.get(producer)
    if (before !== undefined) {
      const previous = placeOf(before)
      const follows =
        sequence === previous.sequence
          ? place === previous.place + 1
          : sequence === previous.sequence + 1 && place === 0
      if (!follows) faults.push(`${shard} has ${key} right behind ${before}`)
    }
    last.set(producer, key)
  }
}

async function checkCheckpoint(floors: Floors, expected: Expectation, faults: string[]): Promise<void> {
  const stream = floors.streams.list().find(({ name }) => name === 'narrow')
  const consumer = stream?.consumers().find((each) => each.consumer === 'consumer')
  const next = consumer?.shards.find(({ shard }) => shard === 0)?.next ?? 0
  if (next < expected.checkpoint || next > expected.checkpointAsked) {
    faults.push(`the checkpoint is at ${next}; ${expected.checkpoint} was acknowledged`)
  }
}

/** A producer that sends its last block again must hear where it is, and the next one must be taken behind all others. */
async function checkRetries(floors: Floors, expected: Expectation, faults: string[]): Promise<void> {
  for (const { name, base } of expected.lastBlocks.values()) {
    const stream = floors.streams.list().find((each) => each.name === name.stream)
    const shard = stream?.log.shards.get(name.shard)
    if (stream === undefined || shard === undefined) continue
    const again = await append(stream, name)
    if (again !== base) faults.push(`block ${JSON.stringify(name)} went to ${base}, and sent again to ${again}`)
  }
}

function append(stream: Stream, name: BlockName): Promise<number | string> {
  return new Promise((resolve) => {
    stream.append(name.shard, blockOf(name), {
      committed: resolve,
      failed: (error) => resolve(error instanceof MillraceError ? error.message : String(error)),
    })
  })
}
