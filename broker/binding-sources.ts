import type { BindingSources } from './modes/bindings.ts'
import type { Queues } from './modes/queues.ts'
import type { Streams } from './modes/streams.ts'
import { type BindingSource, consumerOfBinding } from './wire/binding.ts'
import { MillraceError } from './wire/errors.ts'

/**
 * What bindings read: streams, where they have checkpoints under a name of their own, and queues, which keep what is not handled themselves.
 * What a route reads is a hidden queue, which is there from its first delivery on.
 */
export function sourcesIn(streams: Streams, queues: Queues): BindingSources {
  return {
    require(source) {
      if (source.kind === 'queue') queues.get(source.queue)
      else if (source.kind === 'stream') streams.get(source.stream)
    },
    async begin(source, binding) {
      if (source.kind !== 'stream' || source.from !== 'latest') return
      const stream = streams.get(source.stream)
      const ends = [...stream.log.shards.values()].map(({ number, next }) => [number, { next }] as const)
      await stream.checkpoint(consumerOfBinding(binding), new Map(ends))
    },
    async forget(source, binding) {
      if (source.kind === 'queue') return
      if (source.kind !== 'stream') return queues.deleteHidden(source.queue)
      try {
        await streams.get(source.stream).deleteConsumer(consumerOfBinding(binding))
      } catch (error) {
        nothingIfGone(error)
      }
    },
    lag(source, binding) {
      try {
        return lagOf(source, binding)
      } catch (error) {
        return nothingIfGone(error)
      }
    },
  }

  function lagOf(source: BindingSource, binding: string): number | undefined {
    if (source.kind !== 'stream') {
      const queue = source.kind === 'queue' ? queues.get(source.queue) : queues.hidden(source.queue)
      const counts = queue?.inventory.counts
      return counts && counts.visible + counts.inFlight + counts.delayed
    }
    const { shards } = streams.get(source.stream).consumer(consumerOfBinding(binding))
    return shards.reduce((sum, shard) => sum + shard.lag, 0)
  }
}

/** A source that was deleted, or a consumer that never read, has nothing to tell. */
function nothingIfGone(error: unknown): number {
  const gone = ['stream_not_found', 'consumer_not_found', 'queue_not_found']
  if (error instanceof MillraceError && gone.includes(error.code)) return 0
  throw error
}
