import type { Log } from '../../log/log.ts'
import type { Shard } from '../../log/shard.ts'
import { AwsError } from '../../wire/aws-error.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { awsOperation } from '../aws/operation.ts'
import { shardDescription, shardsOf } from './describing.ts'
import { invalidArgument } from './errors.ts'
import { nextToken, shardId, streamMembers } from './members.ts'
import { shardNumberIn, streamNamed, streamOf } from './names.ts'
import { openToken, sealToken } from './token.ts'

const shardsPerAnswerMax = 1_000
const tokenMillisMax = 300_000

const shardFilter = {
  type: 'structure',
  members: {
    Type: {
      type: 'string',
      required: true,
      enum: ['AFTER_SHARD_ID', 'AT_TRIM_HORIZON', 'FROM_TRIM_HORIZON', 'AT_LATEST', 'AT_TIMESTAMP', 'FROM_TIMESTAMP'],
    },
    ShardId: shardId,
    Timestamp: { type: 'timestamp' },
  },
} as const

type ShardFilter = InputOf<(typeof shardFilter)['members']>

/** Where a listing goes on. */
interface Page {
  readonly name: string
  readonly stream: number
  readonly after: number
  readonly filter: ShardFilter | undefined
  readonly at: number
}

/** A stream's shards, closed ones too while their records are kept, a page at a time. */
export const listShards = awsOperation({
  name: 'ListShards',
  input: {
    ...streamMembers,
    NextToken: nextToken,
    ExclusiveStartShardId: shardId,
    MaxResults: { type: 'integer', min: 1, max: 10_000 },
    StreamCreationTimestamp: { type: 'timestamp' },
    ShardFilter: shardFilter,
  },
  run(broker, input, context) {
    const now = broker.clock.now()
    const page = input.NextToken === undefined ? undefined : pageOf(input.NextToken, now)
    if (page !== undefined) requireAlone(input, page)
    if (page === undefined && input.StreamName === undefined && input.StreamARN === undefined) {
      throw invalidArgument('Either NextToken or StreamName should be provided.')
    }
    const stream = page === undefined ? streamOf(broker, input, context) : streamNamed(broker, page.name, context)
    const { ExclusiveStartShardId: start } = input
    const after = page?.after ?? (start === undefined ? -1 : shardNumberIn(start, stream.name, context))
    const filter = page === undefined ? input.ShardFilter : page.filter
    const least = filter?.ShardId === undefined ? -1 : shardNumberIn(filter.ShardId, stream.name, context)
    const chosen = filtered(stream.log, filter, least, now).filter((shard) => shard.number > after)
    const shards = chosen.slice(0, Math.min(input.MaxResults ?? shardsPerAnswerMax, shardsPerAnswerMax))
    const last = shards.at(-1)
    const next: Page | undefined =
      last === undefined || shards.length === chosen.length
        ? undefined
        : { name: stream.name, stream: stream.number, after: last.number, filter, at: now }
    return {
      Shards: shards.map((shard) => shardDescription(stream.log, shard)),
      NextToken: next === undefined ? undefined : sealToken('shards', next),
    }
  },
})

function pageOf(token: string, now: number): Page {
  const page = openToken<Page>('shards', token)
  if (page === undefined) throw invalidArgument('The NextToken is not valid.')
  if (now - page.at > tokenMillisMax) {
    throw new AwsError('ExpiredNextTokenException', `The NextToken is older than ${tokenMillisMax / 1000} seconds.`)
  }
  return page
}

/** A token says which stream and which of its shards; only the same stream may be said again. */
function requireAlone(
  input: Readonly<Partial<Record<'StreamName' | 'StreamARN', string>>> & object,
  { name }: Page,
): void {
  const same = (said: string | undefined) => said === undefined || said === name || said.endsWith(`:stream/${name}`)
  const others = ['ExclusiveStartShardId', 'StreamCreationTimestamp', 'ShardFilter'].filter((other) => other in input)
  if (!same(input.StreamName) || !same(input.StreamARN)) others.push('StreamName')
  if (others.length > 0) throw invalidArgument(`NextToken and ${others[0]} cannot be provided together.`)
}

/** The shards that `filter` lets through; `least` is the number it names. */
function filtered(log: Log, filter: ShardFilter | undefined, least: number, now: number): Shard[] {
  const shards = shardsOf(log)
  if (filter === undefined) return shards
  const { Type: type } = filter
  const horizon = Math.max(log.createdAt, now - log.settings.retentionMillis)
  if (type === 'AT_LATEST') return shards.filter((shard) => shard.open)
  if (type === 'AT_TRIM_HORIZON') return shards.filter((shard) => wasOpen(shard, horizon))
  if (type === 'FROM_TRIM_HORIZON') return shards.filter((shard) => wasOpenSince(shard, horizon))
  if (type === 'AFTER_SHARD_ID') {
    if (filter.ShardId === undefined) throw invalidArgument(`ShardFilter ${type} needs a ShardId.`)
    return shards.filter((shard) => shard.number > least)
  }
  const { Timestamp: time } = filter
  if (time === undefined) throw invalidArgument(`ShardFilter ${type} needs a Timestamp.`)
  // What is older than all that is kept means the oldest that is: a reader that begins there finds where.
  const since = Math.max(time, horizon)
  return shards.filter((shard) => (type === 'AT_TIMESTAMP' ? wasOpen(shard, since) : wasOpenSince(shard, since)))
}

function wasOpen({ createdAt, closedAt }: Shard, time: number): boolean {
  return createdAt <= time && (closedAt === undefined || closedAt >= time)
}

function wasOpenSince({ closedAt }: Shard, time: number): boolean {
  return closedAt === undefined || closedAt >= time
}
