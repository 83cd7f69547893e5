import type { SourcePositions } from './modes/bindings.ts'
import type { Streams } from './modes/streams.ts'
import { MillraceError } from './wire/errors.ts'

/** The positions of bindings, as checkpoints of the streams they read. */
export function positionsIn(streams: Streams): SourcePositions {
  return {
    ends: (stream) => new Map([...streams.get(stream).log.shards.values()].map((shard) => [shard.number, shard.next])),
    async save(stream, consumer, positions) {
      await streams.get(stream).checkpoint(consumer, new Map([...positions].map(([shard, next]) => [shard, { next }])))
    },
    async forget(stream, consumer) {
      await ifThere(() => streams.get(stream).deleteConsumer(consumer))
    },
    lag(stream, consumer) {
      try {
        return streams
          .get(stream)
          .consumer(consumer)
          .shards.reduce((sum, shard) => sum + shard.lag, 0)
      } catch (error) {
        return nothingIfGone(error)
      }
    },
  }
}

async function ifThere(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    nothingIfGone(error)
  }
}

/** A stream that was deleted, or a consumer that never read, has nothing to tell. */
function nothingIfGone(error: unknown): number {
  const gone = ['stream_not_found', 'consumer_not_found']
  if (error instanceof MillraceError && gone.includes(error.code)) return 0
  throw error
}
