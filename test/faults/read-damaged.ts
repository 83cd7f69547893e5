// Reads a log of which one file has a flipped bit, for each of the places it is given: the process of bit-flips.test.ts that may
// die of it. node read-damaged.js DIRECTORY FILE PLACE… prints one line for each place: PLACE right | corrupt | WRONG what
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Stream } from '../../broker/modes/stream.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import { MillraceError } from '../../broker/wire/errors.ts'
import { openFloors } from '../log/harness.ts'
import { dataOf, keysOf } from './crash-blocks.ts'
import { damagedBlocks } from './damaged-log.ts'

const [directory = '', name = '', ...places] = process.argv.slice(2)
const file = join(directory, name)
const sound = readFileSync(file)
for (const place of places.map(Number)) {
  const bytes = Buffer.from(sound)
  const at = Math.floor(place / 8)
  bytes[at] = (bytes[at] as number) ^ (1 << (place % 8))
  writeFileSync(file, bytes)
  // Said before, so that it is known what a death is of.
  writeSync(1, `${place} `)
  writeSync(1, `${await outcome()}\n`)
}
writeFileSync(file, sound)

/** What reading all of the log comes to. */
async function outcome(): Promise<string> {
  let store: LmdbStore | undefined
  try {
    store = await LmdbStore.open(directory)
    const { streams } = await openFloors(store)
    const results = []
    for (const [shard, keys] of expectedKeys()) results.push(await readShard(streams.get('s'), shard, keys))
    return (
      results.find((result) => result.startsWith('WRONG')) ?? results.find((result) => result === 'corrupt') ?? 'right'
    )
  } catch (error) {
    return judge(error)
  } finally {
    await store?.close()
  }
}

/** Reads a shard page by page; behind a page that is damaged it goes on with the next record. */
async function readShard(stream: Stream, shard: number, keys: readonly string[]): Promise<string> {
  let corrupt = false
  for (let next = 0; next < keys.length; ) {
    try {
      const { records } = await stream.read(shard, { sequence: next }, { recordsMax: 50, bytesMax: 5_000 })
      for (const { sequence, key, data } of records) {
        if (sequence !== next || key !== keys[next] || !dataOf(key).equals(data)) {
          return `WRONG shard ${shard} has ${key} at ${sequence} where ${keys[next]} was at ${next}`
        }
        next++
      }
      if (records.length === 0) return `WRONG shard ${shard} ends at ${next}`
    } catch (error) {
      if (judge(error) !== 'corrupt') return judge(error)
      corrupt = true
      next++
    }
  }
  return corrupt ? 'corrupt' : 'right'
}

function judge(error: unknown): string {
  if (error instanceof MillraceError && error.code === 'store_corrupt') return 'corrupt'
  return `WRONG ${error instanceof Error ? error.message : String(error)}`
}

function expectedKeys(): Map<number, string[]> {
  const keys = new Map<number, string[]>()
  for (const name of damagedBlocks()) keys.set(name.shard, [...(keys.get(name.shard) ?? []), ...keysOf(name)])
  return keys
}
