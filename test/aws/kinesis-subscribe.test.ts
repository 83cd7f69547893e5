import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MainOptions } from '../../broker/main.ts'
import type { AwsBroker } from './harness.ts'
import { account, refusal, region, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis SubscribeToShard')
const shardOne = 'shardId-000000000000'
const StreamARN = `arn:aws:kinesis:${region}:${account}:stream/s`
const text = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString()

/** A subscription as a test reads it: event by event. */
interface Reading {
  next(): Promise<SubscribeToShardEvent | undefined>
  /** The data of the next `count` records. */
  records(count: number): Promise<string[]>
}

async function put(client: KinesisClient, data: string | Buffer): Promise<string> {
  const command = new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from(data) })
  return (await client.send(command)).SequenceNumber ?? ''
}

async function subscribe(
  client: KinesisClient,
  ConsumerARN: string,
  StartingPosition: StartingPosition = { Type: 'TRIM_HORIZON' },
  ShardId = shardOne,
): Promise<Reading> {
  const { EventStream } = await client.send(new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition }))
  if (EventStream === undefined) throw new Error('no event stream')
  const events = EventStream[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await events.next()
    return done ? undefined : value.SubscribeToShardEvent
  }
  const records = async (count: number) => {
    const read: string[] = []
    while (read.length < count) {
      const event = await next()
      if (event === undefined) throw new Error(`the stream ended after ${read.length} records`)
      read.push(...(event.Records ?? []).map((record) => text(record.Data)))
    }
    return read
  }
  return { next, records }
}

/** A broker on a manual clock with a stream `s` and a consumer; `body` is given its ARN. */
function withConsumer(
  body: (client: KinesisClient, consumer: string, broker: AwsBroker) => Promise<void>,
  options: MainOptions & { version?: 'h1' | 'h2' } = {},
): Promise<void> {
  return withKinesis(
    async (client, broker) => {
      await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }))
      await body(client, await register(client, 'c'), broker)
    },
    { clock: 'manual', ...options },
    options.version,
  )
}

async function register(client: KinesisClient, ConsumerName: string): Promise<string> {
  const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }))
  return Consumer?.ConsumerARN ?? ''
}

for (const version of ['h2', 'h1'] as const) {
  test(`over ${version}: the call succeeds at once on a silent shard, then records are pushed as they become durable`, () =>
    withConsumer(
      async (client, consumer) => {
        await put(client, 'old')
        const reading = await subscribe(client, consumer, { Type: 'LATEST' })
        for (const data of ['one', 'two']) {
          const number = await put(client, data)
          const event = await reading.next()
          assert.equal(
            event?.Records?.map((record) => [record.SequenceNumber, text(record.Data), record.PartitionKey]),
            [[number, data, 'k']],
          )
          assert.is(event?.MillisBehindLatest, 0)
          assert.ok(BigInt(event?.ContinuationSequenceNumber ?? 0) >= BigInt(number))
        }
      },
      { version },
    ))
}

test('it begins where it is told, and what is further behind says so', () =>
  withConsumer(async (client, consumer, { main }) => {
    const numbers: string[] = []
    for (const data of ['a', 'b', 'c']) numbers.push(await put(client, data))
    await main.broker.advance(60_000)
    const from = async (start: StartingPosition, count: number) => {
      await main.broker.advance(5_000)
      return (await subscribe(client, consumer, start)).records(count)
    }
    assert.equal(await from({ Type: 'TRIM_HORIZON' }, 3), ['a', 'b', 'c'])
    assert.equal(await from({ Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: numbers[1] }, 2), ['b', 'c'])
    assert.equal(await from({ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: numbers[1] }, 1), ['c'])
    const now = new Date(main.broker.clock.now())
    assert.equal(await from({ Type: 'AT_TIMESTAMP', Timestamp: new Date(now.getTime() - 3_600_000) }, 3), [
      'a',
      'b',
      'c',
    ])
  }))

test('a heartbeat comes after 5 idle seconds and every 5 more, until a clean end at 300', () =>
  withConsumer(async (client, consumer, { main }) => {
    const number = await put(client, 'a')
    const reading = await subscribe(client, consumer)
    await reading.records(1)
    let beats = 0
    let last = ''
    await main.broker.advance(5_000)
    for (let second = 5; second < 300; second += 5) {
      await main.broker.advance(5_000)
      if (second + 5 === 300) break
      const event = await reading.next()
      beats++
      last = event?.ContinuationSequenceNumber ?? ''
      assert.equal([event?.Records, event?.MillisBehindLatest], [[], 0])
    }
    assert.ok(BigInt(last) > BigInt(number))
    assert.is(beats, 58)
    assert.is(await reading.next(), undefined)
  }))

test('the last ContinuationSequenceNumber goes on without skipping or replaying, AT and AFTER', () =>
  withConsumer(async (client, consumer, { main }) => {
    await put(client, 'a')
    const first = await subscribe(client, consumer)
    const event = await first.next()
    const SequenceNumber = event?.ContinuationSequenceNumber
    await put(client, 'b')
    for (const Type of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const) {
      await main.broker.advance(5_000)
      const reading = await subscribe(client, consumer, { Type, SequenceNumber })
      assert.equal(await reading.records(1), ['b'], Type)
    }
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: 's',
        ShardId: shardOne,
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: SequenceNumber,
      }),
    )
    const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }))
    assert.equal(
      Records.map((record) => text(record.Data)),
      ['b'],
    )
  }))

test('the same consumer and shard again: refused within 5 seconds, then it takes over and the other ends without a word', () =>
  withConsumer(async (client, consumer, { main }) => {
    const first = await subscribe(client, consumer, { Type: 'LATEST' })
    assert.match(
      await refusal(subscribe(client, consumer)),
      /^400 ResourceInUseException: Another active subscription exists for this consumer: 123456789012:s:c and shard: shardId-000000000000$/,
    )
    const other = await subscribe(client, await register(client, 'd'), { Type: 'LATEST' })
    await main.broker.advance(4_999)
    assert.match(await refusal(subscribe(client, consumer)), /ResourceInUseException/)
    await main.broker.advance(1)
    const second = await subscribe(client, consumer, { Type: 'LATEST' })
    await put(client, 'x')
    assert.equal(await second.records(1), ['x'])
    assert.equal(await other.records(1), ['x'])
    for (;;) if ((await first.next()) === undefined) break
  }))

test('the end of a closed shard: all records, one event with the children and without a continuation, then the end', () =>
  withConsumer(async (client, consumer) => {
    const reading = await subscribe(client, consumer)
    await put(client, 'a')
    assert.equal(await reading.records(1), ['a'])
    await client.send(
      new SplitShardCommand({ StreamName: 's', ShardToSplit: shardOne, NewStartingHashKey: String(2n ** 127n) }),
    )
    const event = await reading.next()
    assert.equal([event?.Records, event?.MillisBehindLatest, event?.ContinuationSequenceNumber], [[], 0, undefined])
    assert.equal(
      event?.ChildShards?.map(({ ShardId, ParentShards, HashKeyRange }) => [
        ShardId,
        ParentShards,
        HashKeyRange?.StartingHashKey,
      ]),
      [
        ['shardId-000000000001', [shardOne], '0'],
        ['shardId-000000000002', [shardOne], String(2n ** 127n)],
      ],
    )
    assert.is(await reading.next(), undefined)
  }))

test('what is wrong with the request is an HTTP error before anything is streamed', () =>
  withConsumer(async (client, consumer) => {
    const bad = (...args: Parameters<typeof subscribe> extends [KinesisClient, ...infer Rest] ? Rest : never) =>
      refusal(subscribe(client, ...args))
    assert.match(
      await bad(consumer.replace(/:c?\d+$/, ':1')),
      /^400 ResourceNotFoundException: Consumer .* not found\.$/,
    )
    assert.match(
      await bad(consumer, { Type: 'AT_TIMESTAMP' }),
      /^400 InvalidArgumentException: Must specify timestampInMillis/,
    )
    assert.match(
      await bad(consumer, { Type: 'LATEST' }, 'shardId-000000000005'),
      /^400 ResourceNotFoundException: Shard shardId-000000000005/,
    )
    assert.match(
      await bad('arn:aws:x'),
      /^400 ValidationException: 1 validation error detected: Value 'arn:aws:x' at 'consumerARN'/,
    )
    await subscribe(client, consumer)
  }))

test('a consumer that is forgotten reads on to its end; a stream that is deleted ends all, without a word', () =>
  withConsumer(async (client, consumer) => {
    const reading = await subscribe(client, consumer, { Type: 'LATEST' })
    await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN: consumer }))
    await put(client, 'still')
    assert.equal(await reading.records(1), ['still'])
    await client.send(new DeleteStreamCommand({ StreamName: 's' }))
    assert.is(await reading.next(), undefined)
  }))

test('a broker that goes away ends them, without a word', () =>
  withConsumer(async (client, consumer, { main }) => {
    const reading = await subscribe(client, consumer, { Type: 'LATEST' })
    const closing = main.close()
    assert.is(await reading.next(), undefined)
    client.destroy()
    await closing
  }))

test('large records come whole, in events that clients can take, and many readers share them', () =>
  withConsumer(async (client, consumer) => {
    const consumers = [consumer, ...(await Promise.all(['d', 'e'].map((name) => register(client, name))))]
    const readings = await Promise.all(consumers.map((each) => subscribe(client, each, { Type: 'LATEST' })))
    const large = Array.from({ length: 12 }, (_, i) => Buffer.alloc(1_000_000, `${i}`).toString())
    await Promise.all(large.map((each) => put(client, each)))
    for (const reading of readings) assert.equal((await reading.records(12)).sort(), [...large].sort())
  }))

test('a reader that does not read costs a place in the shard and no memory, and reads all when it does', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    await withConsumer(
      async (client, consumer, { main }) => {
        const reading = await subscribe(client, consumer, { Type: 'LATEST' })
        const before = process.memoryUsage().arrayBuffers
        const large = Buffer.alloc(1_000_000, 'x')
        for (let i = 0; i < 100; i++) await put(client, large)
        // The log's tail has 32 MiB of it, and what HTTP/2 grants in advance is on its way or there.
        const kept = process.memoryUsage().arrayBuffers - before
        assert.ok(kept < 75_000_000, `${kept} bytes`)
        assert.is(main.broker.longStreams, 1)
        assert.is((await reading.records(100)).length, 100)
      },
      { memory: false, data },
    )
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test.run()
