import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteResourcePolicyCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeAccountSettingsCommand,
  DescribeLimitsCommand,
  DescribeStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  DisableEnhancedMonitoringCommand,
  EnableEnhancedMonitoringCommand,
  GetResourcePolicyCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  ListTagsForResourceCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutResourcePolicyCommand,
  RegisterStreamConsumerCommand,
  RemoveTagsFromStreamCommand,
  SplitShardCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccountSettingsCommand,
  UpdateMaxRecordSizeCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
  UpdateStreamRecordDistributionStrategyCommand,
  UpdateStreamWarmThroughputCommand,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { account, refusal, region, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis control plane')
const arn = (name: string) => `arn:aws:kinesis:${region}:${account}:stream/${name}`

async function create(client: KinesisClient, StreamName: string, ShardCount = 1): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }))
}

async function shards(client: KinesisClient, StreamName: string): Promise<string[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }))
  return Shards.map(({ ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange }) => {
    const number = (id: string | undefined) => (id === undefined ? '' : Number(id.slice(-12)))
    const closed = SequenceNumberRange?.EndingSequenceNumber === undefined ? '' : ' closed'
    return `${number(ShardId)}<${number(ParentShardId)},${number(AdjacentParentShardId)}${closed}`
  })
}

test('a stream is described as it was created: ACTIVE at once, hash ranges as AWS cuts them', () =>
  withKinesis(async (client) => {
    const begun = Date.now()
    await client.send(
      new CreateStreamCommand({ StreamName: 'orders', ShardCount: 2, Tags: { team: 'a' }, MaxRecordSizeInKiB: 2048 }),
    )
    const { StreamDescription: told } = await client.send(new DescribeStreamCommand({ StreamName: 'orders' }))
    assert.is(told?.StreamARN, arn('orders'))
    assert.is(told?.StreamStatus, 'ACTIVE')
    assert.is(told?.RetentionPeriodHours, 24)
    assert.is(told?.EncryptionType, 'NONE')
    assert.equal(told?.EnhancedMonitoring, [{ ShardLevelMetrics: [] }])
    assert.is(told?.HasMoreShards, false)
    assert.ok(Math.abs((told?.StreamCreationTimestamp?.getTime() ?? 0) - begun) < 60_000)
    assert.equal(
      told?.Shards?.map(({ ShardId, HashKeyRange }) => [
        ShardId,
        HashKeyRange?.StartingHashKey,
        HashKeyRange?.EndingHashKey,
      ]),
      [
        ['shardId-000000000000', '0', '170141183460469231731687303715884105727'],
        ['shardId-000000000001', '170141183460469231731687303715884105728', '340282366920938463463374607431768211455'],
      ],
    )
    const { StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamARN: arn('orders') }),
    )
    assert.is(summary?.OpenShardCount, 2)
    assert.is(summary?.ConsumerCount, 0)
    assert.is(summary?.MaxRecordSizeInKiB, 2048)
    const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: 'orders' }))
    assert.equal(Tags, [{ Key: 'team', Value: 'a' }])
  }))

test('errors are worded as AWS words them', () =>
  withKinesis(async (client) => {
    await create(client, 'there')
    const said = (call: Promise<unknown>, expected: string) =>
      refusal(call).then((text) => assert.is(text, `400 ${expected}`))
    await said(
      client.send(new DescribeStreamCommand({ StreamName: 'x' })),
      `ResourceNotFoundException: Stream x under account ${account} not found.`,
    )
    await said(create(client, 'there'), `ResourceInUseException: Stream there under account ${account} already exists.`)
    await said(
      client.send(new CreateStreamCommand({ StreamName: '', ShardCount: 0 })),
      "ValidationException: 3 validation errors detected: Value '' at 'streamName' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
        "Value '' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; " +
        "Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1",
    )
    await said(
      client.send(new ListShardsCommand({})),
      'InvalidArgumentException: Either NextToken or StreamName should be provided.',
    )
    const split = (ShardToSplit: string, NewStartingHashKey: string) =>
      client.send(new SplitShardCommand({ StreamName: 'there', ShardToSplit, NewStartingHashKey }))
    await said(
      split('shardId-7', '5'),
      `ResourceNotFoundException: Could not find shard shardId-000000000007 in stream there under account ${account}.`,
    )
    await said(
      split('shardId-000000000000', '1'),
      `InvalidArgumentException: NewStartingHashKey 1 used in SplitShard() on shard shardId-000000000000 in stream there under account ${account} is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey 340282366920938463463374607431768211455.`,
    )
    await said(
      client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: 'there', RetentionPeriodHours: 23 })),
      'InvalidArgumentException: Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
    )
  }))

test('streams are listed in pages', () =>
  withKinesis(async (client) => {
    for (const name of ['c', 'a', 'b']) await create(client, name)
    const first = await client.send(new ListStreamsCommand({ Limit: 2 }))
    assert.equal(first.StreamNames, ['a', 'b'])
    assert.is(first.HasMoreStreams, true)
    assert.is(first.StreamSummaries?.[0]?.StreamModeDetails?.StreamMode, 'PROVISIONED')
    const rest = await client.send(new ListStreamsCommand({ NextToken: first.NextToken }))
    assert.equal([rest.StreamNames, rest.HasMoreStreams, rest.NextToken], [['c'], false, undefined])
    const after = await client.send(new ListStreamsCommand({ ExclusiveStartStreamName: 'a' }))
    assert.equal(after.StreamNames, ['b', 'c'])
  }))

test('splits and merges keep lineage and ranges, and a closed shard is not split again', () =>
  withKinesis(async (client) => {
    await create(client, 's')
    const half = String(2n ** 127n)
    await client.send(
      new SplitShardCommand({ StreamName: 's', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: half }),
    )
    assert.equal(await shards(client, 's'), ['0<, closed', '1<0,', '2<0,'])
    const again = client.send(
      new SplitShardCommand({ StreamName: 's', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '99' }),
    )
    assert.match(
      await refusal(again),
      /^400 InvalidArgumentException: Shard shardId-000000000000 in stream s .* has already been merged or split/,
    )
    const merge = (ShardToMerge: string, AdjacentShardToMerge: string) =>
      client.send(new MergeShardsCommand({ StreamName: 's', ShardToMerge, AdjacentShardToMerge }))
    assert.match(
      await refusal(merge('shardId-000000000001', 'shardId-000000000001')),
      /not an adjacent pair of shards eligible for merging/,
    )
    await merge('shardId-000000000001', 'shardId-000000000002')
    assert.equal(await shards(client, 's'), ['0<, closed', '1<0, closed', '2<0, closed', '3<1,2'])
  }))

test('UpdateShardCount goes up to double and down to half, uniformly', () =>
  withKinesis(async (client) => {
    await create(client, 's', 2)
    const update = (TargetShardCount: number) =>
      client.send(new UpdateShardCountCommand({ StreamName: 's', TargetShardCount, ScalingType: 'UNIFORM_SCALING' }))
    const { CurrentShardCount, TargetShardCount, StreamARN } = await update(3)
    assert.equal([CurrentShardCount, TargetShardCount, StreamARN], [2, 3, arn('s')])
    assert.equal(await shards(client, 's'), [
      '0<, closed',
      '1<, closed',
      '2<0,',
      '3<0, closed',
      '4<1, closed',
      '5<1,',
      '6<3,4',
    ])
    assert.match(
      await refusal(update(7)),
      /^400 InvalidArgumentException: UpdateShardCount cannot scale up over double/,
    )
    await update(3)
    await update(1)
    assert.match(await refusal(update(3)), /cannot scale up over double/)
    const { Shards } = await client.send(new ListShardsCommand({ StreamName: 's', ShardFilter: { Type: 'AT_LATEST' } }))
    assert.is(Shards?.length, 1)
    assert.is(Shards?.[0]?.HashKeyRange?.EndingHashKey, String(2n ** 128n - 1n))
  }))

test('ListShards: pages by a token that lasts 300 seconds, filters, and what may stand beside a token', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client, 's', 3)
      const born = main.broker.clock.now()
      const list = (input: ListShardsCommandInput) => client.send(new ListShardsCommand(input))
      const first = await list({ StreamName: 's', MaxResults: 2 })
      assert.is(first.Shards?.length, 2)
      const { NextToken } = first
      assert.equal(
        (await list({ NextToken, StreamName: 's' })).Shards?.map((shard) => shard.ShardId),
        ['shardId-000000000002'],
      )
      assert.match(
        await refusal(list({ NextToken, StreamName: 'other' })),
        /NextToken and StreamName cannot be provided together/,
      )
      assert.match(await refusal(list({ NextToken, ShardFilter: { Type: 'AT_LATEST' } })), /NextToken and ShardFilter/)
      assert.match(await refusal(list({ NextToken: 'x' })), /InvalidArgumentException/)
      await main.broker.advance(301_000)
      assert.match(await refusal(list({ NextToken })), /^400 ExpiredNextTokenException/)
      await client.send(
        new MergeShardsCommand({
          StreamName: 's',
          ShardToMerge: 'shardId-000000000000',
          AdjacentShardToMerge: 'shardId-000000000001',
        }),
      )
      const filtered = async (ShardFilter: ListShardsCommandInput['ShardFilter']) =>
        (await list({ StreamName: 's', ShardFilter })).Shards?.map((shard) => Number(shard.ShardId?.slice(-3)))
      assert.equal(await filtered({ Type: 'AT_LATEST' }), [2, 3])
      assert.equal(await filtered({ Type: 'AT_TRIM_HORIZON' }), [0, 1, 2])
      assert.equal(await filtered({ Type: 'FROM_TRIM_HORIZON' }), [0, 1, 2, 3])
      assert.equal(await filtered({ Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000001' }), [2, 3])
      assert.equal(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: new Date(born + 1_000) }), [0, 1, 2])
      assert.equal(await filtered({ Type: 'AT_TIMESTAMP', Timestamp: new Date(born + 400_000) }), [2, 3])
      assert.equal(await filtered({ Type: 'FROM_TIMESTAMP', Timestamp: new Date(born + 400_000) }), [2, 3])
    },
    { clock: 'manual' },
  ))

test('retention goes up and down between 24 hours and a year; the same again is fine', () =>
  withKinesis(async (client) => {
    await create(client, 's')
    const increase = (RetentionPeriodHours: number) =>
      client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: 's', RetentionPeriodHours }))
    await increase(48)
    await increase(48)
    assert.match(
      await refusal(increase(47)),
      /can not be shorter than existing retention period \(48 hours\)\. Use DecreaseRetentionPeriod API\./,
    )
    assert.match(await refusal(increase(8_761)), /Maximum allowed retention period is 8760 hours/)
    await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName: 's', RetentionPeriodHours: 24 }))
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamName: 's' }))
    assert.is(StreamDescription?.RetentionPeriodHours, 24)
  }))

test('tags of streams and consumers, by either family of operations', () =>
  withKinesis(async (client) => {
    await create(client, 's')
    await client.send(new AddTagsToStreamCommand({ StreamName: 's', Tags: { b: '2', a: '1' } }))
    await client.send(new TagResourceCommand({ ResourceARN: arn('s'), Tags: { c: '3', a: 'one' } }))
    const page = await client.send(new ListTagsForStreamCommand({ StreamName: 's', Limit: 2 }))
    assert.equal(page.Tags, [
      { Key: 'a', Value: 'one' },
      { Key: 'b', Value: '2' },
    ])
    assert.is(page.HasMoreTags, true)
    await client.send(new RemoveTagsFromStreamCommand({ StreamName: 's', TagKeys: ['a', 'zzz'] }))
    await client.send(new UntagResourceCommand({ ResourceARN: arn('s'), TagKeys: ['b'] }))
    assert.equal((await client.send(new ListTagsForResourceCommand({ ResourceARN: arn('s') }))).Tags, [
      { Key: 'c', Value: '3' },
    ])
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v']))
    assert.match(
      await refusal(client.send(new AddTagsToStreamCommand({ StreamName: 's', Tags: many }))),
      /cannot have more than 50 tags/,
    )
    assert.match(
      await refusal(client.send(new AddTagsToStreamCommand({ StreamName: 's', Tags: { 'a;b': 'c' } }))),
      /Some tags contain invalid characters/,
    )
    const { Consumer } = await client.send(
      new RegisterStreamConsumerCommand({ StreamARN: arn('s'), ConsumerName: 'c', Tags: { x: 'y' } }),
    )
    const tags = await client.send(new ListTagsForResourceCommand({ ResourceARN: Consumer?.ConsumerARN }))
    assert.equal(tags.Tags, [{ Key: 'x', Value: 'y' }])
  }))

test('consumers: registered once, described by ARN or by name, listed in pages, forgotten, and never under an old ARN', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client, 's')
      const register = (ConsumerName: string) =>
        client.send(new RegisterStreamConsumerCommand({ StreamARN: arn('s'), ConsumerName }))
      const { Consumer } = await register('one')
      const seconds = Math.floor(main.broker.clock.now() / 1000)
      assert.is(Consumer?.ConsumerARN, `${arn('s')}/consumer/one:${seconds}`)
      assert.is(Consumer?.ConsumerStatus, 'ACTIVE')
      assert.match(await refusal(register('one')), /^400 ResourceInUseException/)
      await register('two')
      const described = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }))
      assert.is(described.ConsumerDescription?.StreamARN, arn('s'))
      const page = await client.send(new ListStreamConsumersCommand({ StreamARN: arn('s'), MaxResults: 1 }))
      assert.equal(
        page.Consumers?.map((each) => each.ConsumerName),
        ['one'],
      )
      const rest = await client.send(new ListStreamConsumersCommand({ StreamARN: arn('s'), NextToken: page.NextToken }))
      assert.equal(
        rest.Consumers?.map((each) => each.ConsumerName),
        ['two'],
      )
      assert.match(
        await refusal(client.send(new DeleteStreamCommand({ StreamName: 's' }))),
        /^400 ResourceInUseException: Stream s .* 2 registered consumers/,
      )
      await client.send(new DeregisterStreamConsumerCommand({ StreamARN: arn('s'), ConsumerName: 'one' }))
      const gone = client.send(new DescribeStreamConsumerCommand({ StreamARN: arn('s'), ConsumerName: 'one' }))
      assert.match(await refusal(gone), /^400 ResourceNotFoundException: Consumer one under stream s/)
      assert.is((await register('one')).Consumer?.ConsumerARN, `${arn('s')}/consumer/one:${seconds + 1}`)
      for (let i = 0; i < 18; i++) await register(`more-${i}`)
      assert.match(await refusal(register('one-too-many')), /^400 LimitExceededException/)
      await client.send(new DeleteStreamCommand({ StreamName: 's', EnforceConsumerDeletion: true }))
      assert.equal((await client.send(new ListStreamsCommand({}))).StreamNames, [])
    },
    { clock: 'manual' },
  ))

test('what has no effect here is kept and told back: mode, encryption, monitoring, policies, throughput, account settings', () =>
  withKinesis(async (client) => {
    await client.send(
      new CreateStreamCommand({
        StreamName: 's',
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        WarmThroughputMiBps: 10,
      }),
    )
    const summary = async () =>
      (await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }))).StreamDescriptionSummary
    assert.is((await summary())?.OpenShardCount, 4)
    assert.equal((await summary())?.WarmThroughput, { TargetMiBps: 10, CurrentMiBps: 10 })
    assert.match(
      await refusal(
        client.send(
          new UpdateShardCountCommand({ StreamName: 's', TargetShardCount: 5, ScalingType: 'UNIFORM_SCALING' }),
        ),
      ),
      /^400 ValidationException: UpdateShardCount is not supported for stream s .* ON_DEMAND/,
    )
    const { OnDemandStreamCount, OpenShardCount } = await client.send(new DescribeLimitsCommand({}))
    assert.equal([OnDemandStreamCount, OpenShardCount], [1, 4])
    await client.send(
      new UpdateStreamRecordDistributionStrategyCommand({ StreamARN: arn('s'), RecordDistributionStrategy: 'AUTO' }),
    )
    await client.send(new UpdateStreamWarmThroughputCommand({ StreamName: 's', WarmThroughputMiBps: 20 }))
    await client.send(new UpdateMaxRecordSizeCommand({ StreamARN: arn('s'), MaxRecordSizeInKiB: 4096 }))
    await client.send(
      new StartStreamEncryptionCommand({ StreamName: 's', EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
    )
    const told = await summary()
    assert.equal(
      [
        told?.RecordDistributionStrategy,
        told?.WarmThroughput?.TargetMiBps,
        told?.MaxRecordSizeInKiB,
        told?.EncryptionType,
        told?.KeyId,
      ],
      ['AUTO', 20, 4096, 'KMS', 'alias/aws/kinesis'],
    )
    await client.send(
      new StopStreamEncryptionCommand({ StreamName: 's', EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
    )
    await client.send(
      new UpdateStreamModeCommand({ StreamARN: arn('s'), StreamModeDetails: { StreamMode: 'PROVISIONED' } }),
    )
    assert.equal(
      [(await summary())?.EncryptionType, (await summary())?.StreamModeDetails?.StreamMode],
      ['NONE', 'PROVISIONED'],
    )
    const enabled = await client.send(
      new EnableEnhancedMonitoringCommand({ StreamName: 's', ShardLevelMetrics: ['OutgoingBytes', 'IncomingBytes'] }),
    )
    assert.equal(enabled.CurrentShardLevelMetrics, [])
    assert.equal(enabled.DesiredShardLevelMetrics, ['IncomingBytes', 'OutgoingBytes'])
    const disabled = await client.send(
      new DisableEnhancedMonitoringCommand({ StreamName: 's', ShardLevelMetrics: ['ALL'] }),
    )
    assert.equal([disabled.CurrentShardLevelMetrics?.length, disabled.DesiredShardLevelMetrics], [2, []])
    const policy = '{"Version":"2012-10-17","Statement":[]}'
    await client.send(new PutResourcePolicyCommand({ ResourceARN: arn('s'), Policy: policy }))
    assert.is((await client.send(new GetResourcePolicyCommand({ ResourceARN: arn('s') }))).Policy, policy)
    await client.send(new DeleteResourcePolicyCommand({ ResourceARN: arn('s') }))
    assert.match(
      await refusal(client.send(new GetResourcePolicyCommand({ ResourceARN: arn('s') }))),
      /ResourceNotFoundException/,
    )
    await client.send(new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status: 'ENABLED' } }))
    const settings = await client.send(new DescribeAccountSettingsCommand({}))
    assert.is(settings.MinimumThroughputBillingCommitment?.Status, 'ENABLED')
  }))

test.run()
