import { LmdbStore } from '../../broker/store/lmdb.ts'
import { openFloors } from '../log/harness.ts'
import { blockOf } from './crash-blocks.ts'
import type { BlockName } from './crash-journal.ts'

const shards = 3
const blocks = 240

/** The blocks of the log that is damaged, in the order they are written. */
export function damagedBlocks(): BlockName[] {
  return Array.from({ length: blocks }, (_, i) => ({
    stream: 's',
    shard: i % shards,
    producer: 7,
    sequence: Math.floor(i / shards),
  }))
}

/** Writes a log of several sealed segments and an open one. */
export async function writeLog(directory: string): Promise<void> {
  const floors = await openFloors(await LmdbStore.open(directory), { segmentCommitsMax: blocks / 4 - 8 })
  const stream = await floors.streams.create('s', { shards })
  for (const name of damagedBlocks()) {
    const appending = new Promise((resolve, reject) => {
      stream.append(name.shard, blockOf(name), { committed: resolve, failed: reject })
    })
    // Commits of one block to four.
    if (name.sequence % 4 === 3) await appending
  }
  await floors.logs.committer.idle()
  await floors.close()
}
