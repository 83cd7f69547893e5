import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  UpdateStreamModeCommand,
  UpdateStreamRecordDistributionStrategyCommand,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { account, refusal, region, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis: which stream, consumer and shards are meant')
const hourMillis = 60 * 60 * 1000
const arn = (name: string) => `arn:aws:kinesis:${region}:${account}:stream/${name}`

async function create(client: KinesisClient, ...names: string[]): Promise<void> {
  for (const StreamName of names) await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
}

test('an ARN beside an iterator or a consumer ARN must be of the same stream', () =>
  withKinesis(async (client) => {
    await create(client, 'one', 'two')
    const start = { StreamName: 'one', ShardId: 'shardId-000000000000', ShardIteratorType: 'LATEST' as const }
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(start))
    const read = (StreamARN: string) => client.send(new GetRecordsCommand({ ShardIterator, StreamARN }))
    assert.equal((await read(arn('one'))).Records, [])
    assert.match(
      await refusal(read(arn('two'))),
      /^400 InvalidArgumentException: StreamARN .*stream\/two is of another/,
    )
    const register = new RegisterStreamConsumerCommand({ StreamARN: arn('one'), ConsumerName: 'app' })
    const { Consumer } = await client.send(register)
    const describe = (StreamARN: string, ConsumerName: string) =>
      client.send(new DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN, StreamARN, ConsumerName }))
    assert.is((await describe(arn('one'), 'app')).ConsumerDescription?.ConsumerName, 'app')
    assert.match(await refusal(describe(arn('two'), 'app')), /^400 InvalidArgumentException/)
    assert.match(await refusal(describe(arn('one'), 'other')), /^400 InvalidArgumentException: ConsumerName other/)
  }))

test('a shard filter older than all that is kept begins with the oldest that is, and names no shard that is nonsense', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client, 's')
      const born = main.broker.clock.now()
      const at = (hours: number) => new Date(born + hours * hourMillis)
      await main.broker.advance(hourMillis)
      const half = { StreamName: 's', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: String(2n ** 127n) }
      await client.send(new SplitShardCommand(half))
      const filtered = async (ShardFilter: ListShardsCommandInput['ShardFilter']) => {
        const { Shards } = await client.send(new ListShardsCommand({ StreamName: 's', ShardFilter }))
        return Shards?.map((shard) => Number(shard.ShardId?.slice(-3)))
      }
      assert.equal(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(0.5) }), [0])
      assert.equal(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(1) }), [0, 1, 2])
      await main.broker.advance(25 * hourMillis)
      assert.equal(await filtered({ Type: 'AT_TRIM_HORIZON' }), [1, 2])
      for (const hours of [-1, 0, 0.5]) {
        assert.equal(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: at(hours) }), [1, 2])
        assert.equal(await filtered({ Type: 'FROM_TIMESTAMP', Timestamp: at(hours) }), [1, 2])
      }
      assert.match(
        await refusal(filtered({ Type: 'AFTER_SHARD_ID', ShardId: 'nonsense' })),
        /^400 ResourceNotFoundException: Could not find shard nonsense in stream s/,
      )
    },
    { clock: 'manual' },
  ))

test('a stream that is provisioned again sends records where their keys say', () =>
  withKinesis(async (client) => {
    const StreamARN = arn('s')
    const onDemand = { StreamName: 's', StreamModeDetails: { StreamMode: 'ON_DEMAND' as const } }
    await client.send(new CreateStreamCommand(onDemand))
    const even = { StreamARN, RecordDistributionStrategy: 'AUTO' as const }
    await client.send(new UpdateStreamRecordDistributionStrategyCommand(even))
    const put = (PartitionKey?: string) =>
      client.send(new PutRecordCommand({ StreamARN, PartitionKey, Data: Buffer.from('x') }))
    assert.ok((await put()).ShardId)
    const StreamModeDetails = { StreamMode: 'PROVISIONED' as const }
    await client.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails }))
    const summary = await client.send(new DescribeStreamSummaryCommand({ StreamARN }))
    assert.is(summary.StreamDescriptionSummary?.RecordDistributionStrategy, 'USER_PARTITION_KEY')
    assert.match(await refusal(put()), /^400 ValidationException: .*partitionKey/)
    const places = await Promise.all(Array.from({ length: 20 }, () => put('one key')))
    assert.is(new Set(places.map(({ ShardId }) => ShardId)).size, 1)
  }))

test.run()
