import type { Stream } from '../../modes/stream.ts'
import { streamMembers } from './members.ts'
import { type Caller, streamArnOf } from './names.ts'

/** Names of shard-level metrics, and a word for all of them. */
export const metricNames = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
  'ALL',
] as const

/** What both operations about monitoring take. */
export const monitoringMembers = {
  ...streamMembers,
  ShardLevelMetrics: { type: 'list', required: true, min: 1, max: 7, of: { type: 'string', enum: metricNames } },
} as const

/** The metrics that were chosen, each by its own name. */
export function namedMetrics(chosen: readonly string[]): readonly string[] {
  const all = metricNames.filter((name) => name !== 'ALL')
  return chosen.includes('ALL') ? all : all.filter((name) => chosen.includes(name))
}

/** Keeps what `choose` makes of the stream's metrics, and answers with what was before and what is now. */
export async function changeMetrics(
  { name, profile }: Stream,
  choose: (current: readonly string[]) => readonly string[],
  caller: Caller,
): Promise<object> {
  const before = profile.current.metrics
  const { metrics } = await profile.change((current) => ({ ...current, metrics: choose(current.metrics) }))
  return {
    StreamName: name,
    CurrentShardLevelMetrics: before,
    DesiredShardLevelMetrics: metrics,
    StreamARN: streamArnOf(name, caller),
  }
}
