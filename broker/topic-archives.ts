import type { Logs } from './log/logs.ts'
import { positionAtTime } from './log/positions.ts'
import type { Queues } from './modes/queues.ts'
import type { ArchiveLogs } from './modes/topic-archive.ts'
import { MillraceError } from './wire/errors.ts'

/** The hidden queues in which FIFO topics keep their messages. */
export function archivesIn(logs: Logs, queues: Queues): ArchiveLogs {
  return {
    async make(name, settings) {
      await queues.needHidden(name, { fifo: true, ...settings })
    },
    configure: (name, settings) => queues.configureHidden(name, settings),
    remove: (name) => queues.deleteHidden(name),
    open(name) {
      const queue = queues.hidden(name)
      if (queue === undefined) throw new MillraceError('queue_not_found', { queue: name })
      const { shard, reader, state } = queue
      return {
        async range(time) {
          const first = await positionAtTime(logs, shard, time)
          return { first: Math.max(first, shard.first, state.gone.floor), next: shard.next }
        },
        async read(sequence) {
          if (reader.find(sequence) === undefined) await reader.load(sequence)
          return reader.find(sequence)?.envelope.body
        },
      }
    },
  }
}
