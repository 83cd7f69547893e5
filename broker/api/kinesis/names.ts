import type { Broker } from '../../broker.ts'
import type { Shard } from '../../log/shard.ts'
import type { Stream } from '../../modes/stream.ts'
import type { FanOutConsumer } from '../../modes/stream-profile.ts'
import { MillraceError } from '../../wire/errors.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import type { AwsContext } from '../aws/operation.ts'
import { invalidArgument, resourceNotFound, shardGone, shardNotFound, streamNotFound } from './errors.ts'

/** Who asks, as far as it shows in names. */
export type Caller = Pick<AwsContext, 'region' | 'account'>

/** A stream's ARN, as its caller sees it: account and region are the caller's own. */
export function streamArnOf(stream: string, { region, account }: Caller): string {
  return `arn:aws:kinesis:${region}:${account}:stream/${stream}`
}

/** The ARN of a consumer: one that is registered anew under its old name has another. */
export function consumerArnOf(stream: string, { name, createdSeconds }: FanOutConsumer, caller: Caller): string {
  return `${streamArnOf(stream, caller)}/consumer/${name}:${createdSeconds}`
}

/** The stream that an operation was told, by name, by ARN, or by both if they agree. */
export function streamOf(
  broker: Broker,
  { StreamName, StreamARN }: { readonly StreamName?: string; readonly StreamARN?: string },
  context: Caller,
): Stream {
  const named = StreamARN === undefined ? undefined : nameIn(StreamARN)
  if (named === undefined && StreamName === undefined) {
    throw invalidArgument('Either StreamName or StreamARN should be provided.')
  }
  if (named !== undefined && StreamName !== undefined && named !== StreamName) {
    throw invalidArgument(`StreamName ${StreamName} does not match StreamARN ${StreamARN}.`)
  }
  return streamNamed(broker, named ?? StreamName ?? '', context)
}

export function streamNamed(broker: Broker, name: string, context: Caller): Stream {
  try {
    return broker.streams.get(name)
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'stream_not_found') throw streamNotFound(name, context)
    throw error
  }
}

/**
 * Checks a stream's ARN that stands beside something that says which stream it is.
 * @throws AwsError InvalidArgumentException when they say different ones
 */
export function requireNamed(stream: Stream, streamArn: string | undefined): void {
  if (streamArn === undefined || nameIn(streamArn) === stream.name) return
  throw invalidArgument(`StreamARN ${streamArn} is of another stream than ${stream.name}, which this call is about.`)
}

function nameIn(streamArn: string): string {
  const name = /:stream\/([a-zA-Z0-9_.-]+)$/.exec(streamArn)?.[1]
  if (name === undefined) throw invalidArgument(`${streamArn} is not the ARN of a stream.`)
  return name
}

/** What the ARN of a stream or of one of its consumers names. */
export function resourceOf(
  broker: Broker,
  arn: string,
  context: Caller,
): { readonly stream: Stream; readonly consumer: FanOutConsumer | undefined } {
  const parts = /:stream\/([a-zA-Z0-9_.-]+)(?:\/consumer\/([a-zA-Z0-9_.-]+):(\d+))?$/.exec(arn)
  const [, name, consumer, seconds] = parts ?? []
  if (name === undefined) throw invalidArgument(`${arn} is not the ARN of a stream or consumer.`)
  const stream = streamNamed(broker, name, context)
  if (consumer === undefined) return { stream, consumer: undefined }
  const known = stream.profile.current.consumers.find(
    (each) => each.name === consumer && each.createdSeconds === Number(seconds),
  )
  if (known === undefined) throw resourceNotFound(`Consumer ${arn}, account ${context.account} not found.`)
  return { stream, consumer: known }
}

/** The shard number an id says; AWS takes any writing of it: shardId-000000000007, shardId-7, 7. */
export function shardNumberIn(shardId: string, stream: string, context: Caller): number {
  const number = Number(/^(?:shardId-)?(\d{1,12})$/.exec(shardId)?.[1])
  if (!(number <= 2 ** 31 - 1)) throw shardNotFound(shardId, stream, context)
  return number
}

/** A shard that is to be read. */
export function shardToRead(stream: Stream, shardId: string, context: Caller): Shard {
  const number = shardNumberIn(shardId, stream.name, context)
  const shard = stream.log.shards.get(number)
  if (shard === undefined) throw shardGone(shardIdOf(number), stream.name, context)
  return shard
}

/** A shard that is to be split or merged. */
export function shardToChange(stream: Stream, shardId: string, context: Caller): Shard {
  const number = shardNumberIn(shardId, stream.name, context)
  const shard = stream.log.shards.get(number)
  if (shard === undefined) throw shardNotFound(shardIdOf(number), stream.name, context)
  return shard
}
