import type { Log } from './log.ts'
import type { Logs } from './logs.ts'
import { tableIn } from './segment-index.ts'
import type { Shard } from './shard.ts'

/**
 * The oldest sequence of `shard` that its retention still grants. Segments go as a whole, so older records may still be on
 * disk; they are not given out.
 */
export async function horizon(logs: Logs, log: Log, shard: Shard): Promise<number> {
  const cutoff = logs.clock.now() - log.settings.retentionMillis
  return Math.max(shard.first, await positionAtTime(logs, shard, cutoff))
}

/** The sequence of the first record of `shard` appended at `time` (milliseconds since 1970) or later; its end if none was. */
export async function positionAtTime(logs: Logs, shard: Shard, time: number): Promise<number> {
  if (shard.lastTime < time) return shard.next
  const place = shard.sealed.find((each) => each.lastTime >= time)
  if (place !== undefined && place.firstTime >= time) return place.first
  const table =
    place === undefined ? shard.entries : tableIn(await logs.index(place.segment), shard.stream, shard.number)
  const found = table.findTime(time)
  return found < table.count ? table.at(found).base : shard.next
}
