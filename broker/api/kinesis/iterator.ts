import type { Broker } from '../../broker.ts'
import type { Shard } from '../../log/shard.ts'
import type { Stream } from '../../modes/stream.ts'
import { AwsError } from '../../wire/aws-error.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import { invalidArgument, shardGone } from './errors.ts'
import type { Caller } from './names.ts'
import { openToken, sealToken } from './token.ts'

/** How long a shard iterator may be used, again and again, after it was given out. */
export const iteratorMillisMax = 5 * 60 * 1000

/** A shard iterator: the stream, by number too since a name may be used anew, the shard, the sequence to read next, when it was issued. */
interface Iterator {
  readonly name: string
  readonly stream: number
  readonly shard: number
  readonly next: number
  readonly at: number
}

export function sealIterator(stream: Stream, shard: Shard, next: number, now: number): string {
  const iterator: Iterator = { name: stream.name, stream: stream.number, shard: shard.number, next, at: now }
  return sealToken('iterator', iterator)
}

/**
 * Where an iterator stands.
 * @throws AwsError InvalidArgumentException, ExpiredIteratorException, ResourceNotFoundException
 */
export function openIterator(
  broker: Broker,
  token: string,
  context: Caller,
): { readonly stream: Stream; readonly shard: Shard; readonly next: number } {
  const iterator = openToken<Iterator>('iterator', token)
  const now = broker.clock.now()
  if (iterator === undefined) throw invalidArgument('Invalid ShardIterator.')
  const { name, at, next } = iterator
  if (now - at > iteratorMillisMax) throw expired(at, now)
  const stream = broker.streams.find(name)
  const shard = stream?.number === iterator.stream ? stream.log.shards.get(iterator.shard) : undefined
  if (stream === undefined || shard === undefined) throw shardGone(shardIdOf(iterator.shard), name, context)
  return { stream, shard, next }
}

function expired(at: number, now: number): AwsError {
  const text = `Iterator expired. The iterator was created at time ${javaTime(at)} while right now it is ${javaTime(now)} which is further in the future than the tolerated delay of ${iteratorMillisMax} milliseconds.`
  return new AwsError('ExpiredIteratorException', text)
}

/** As Java prints dates: Thu Jan 22 01:22:02 UTC 2015. */
export function javaTime(millis: number): string {
  const [day, date, month, year, time] = new Date(millis).toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date} ${time} UTC ${year}`
}
