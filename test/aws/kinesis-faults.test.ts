import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { send } from './harness.ts'
import { account, refusal, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis faults and quotas')
const throttled = `400 ProvisionedThroughputExceededException: Rate exceeded for shard shardId-000000000000 in stream s under account ${account}.`

const create = (client: KinesisClient) => client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }))
const put = (client: KinesisClient, length = 1) =>
  client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(length) }))
const putMany = (client: KinesisClient, count: number, length = 1) =>
  client.send(
    new PutRecordsCommand({
      StreamName: 's',
      Records: Array.from({ length: count }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(length) })),
    }),
  )

async function iterator(client: KinesisClient): Promise<string | undefined> {
  const input = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' } as const
  return (await client.send(new GetShardIteratorCommand(input))).ShardIterator
}

const setFaults = (url: string, faults: object, method = 'PUT') =>
  send(url, { method, path: '/v1/streams/s/faults', body: JSON.stringify(faults) })

test('faults: the next calls fail, and then no more', () =>
  withKinesis(async (client, { url, faults }) => {
    await create(client)
    await setFaults(url, { failNext: 2, operations: ['PutRecord'] })
    await putMany(client, 1)
    for (let i = 0; i < 2; i++) {
      assert.is(await refusal(put(client)), '500 InternalFailureException: Internal service failure.')
    }
    await put(client)
    assert.equal(faults, [], 'a fault that was asked for is nothing to be reported')
  }))

test('faults: a share of records, or of calls, is throttled, evenly', () =>
  withKinesis(async (client, { url }) => {
    await create(client)
    await setFaults(url, { throttleShare: 0.25 })
    const { FailedRecordCount, Records = [] } = await putMany(client, 8)
    assert.is(FailedRecordCount, 2)
    assert.equal(
      Records.map((record) => record.ErrorCode),
      [3, 7].reduce((codes, at) => codes.with(at, 'ProvisionedThroughputExceededException'), Array(8).fill(undefined)),
    )
    const said: string[] = []
    for (let i = 0; i < 4; i++) said.push(await refusal(put(client)))
    assert.equal(said, ['it succeeded', 'it succeeded', 'it succeeded', throttled])
    await setFaults(url, {}, 'DELETE')
    assert.is((await putMany(client, 8)).FailedRecordCount, 0)
  }))

test('faults: calls wait by the clock', () =>
  withKinesis(
    async (client, { url, main }) => {
      await create(client)
      await setFaults(url, { latencyMillis: 5_000 })
      let done = false
      const putting = put(client).then(() => {
        done = true
      })
      await refusal(client.send(new GetRecordsCommand({ ShardIterator: 'x' })))
      await main.broker.advance(4_999)
      assert.is(done, false)
      await main.broker.advance(1)
      await putting
    },
    { clock: 'manual' },
  ))

test('faults: what is set is told, and what makes no sense is refused', () =>
  withKinesis(async (client, { url }) => {
    await create(client)
    await setFaults(url, { throttleShare: 0.5, failNext: 1 })
    const told = await send(url, { method: 'GET', path: '/v1/streams/s/faults' })
    assert.equal(JSON.parse(told.body.toString()), { throttleShare: 0.5, latencyMillis: 0, failNext: 1 })
    for (const wrong of [{ throttleShare: 2 }, { throttleShare: 'x' }, { operations: [1] }, { other: 1 }]) {
      assert.is((await setFaults(url, wrong)).status, 400)
    }
  }))

test('strict limits: a shard takes 1,000 records and 1 MiB a second', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client)
      await putMany(client, 500)
      await putMany(client, 500)
      const { FailedRecordCount, Records = [] } = await putMany(client, 2)
      assert.is(FailedRecordCount, 2)
      assert.is(Records[0]?.ErrorMessage, throttled.replace(/^400 \w+: /, ''))
      await main.broker.advance(1_000)
      await put(client, 1024 * 1024 - 1)
      assert.is(await refusal(put(client, 1)), throttled)
      await main.broker.advance(500)
      await put(client, 1)
    },
    { clock: 'manual', limits: 'strict' },
  ))

test('strict limits: a shard gives out 5 pages and 2 MiB a second, a large page counts for the next seconds', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client)
      for (let i = 0; i < 4; i++) {
        await main.broker.advance(1_000)
        await put(client, 1024 * 1024 - 1)
      }
      const ShardIterator = await iterator(client)
      const get = () => refusal(client.send(new GetRecordsCommand({ ShardIterator })))
      assert.is(await get(), 'it succeeded')
      await main.broker.advance(900)
      assert.is(await get(), throttled)
      await main.broker.advance(200)
      assert.is(await get(), 'it succeeded')
      await main.broker.advance(10_000)
      const last = await client.send(new GetRecordsCommand({ ShardIterator }))
      await main.broker.advance(10_000)
      for (let i = 0; i < 5; i++) await client.send(new GetRecordsCommand({ ShardIterator: last.NextShardIterator }))
      assert.is(await refusal(client.send(new GetRecordsCommand({ ShardIterator: last.NextShardIterator }))), throttled)
    },
    { clock: 'manual', limits: 'strict' },
  ))

test('without strict limits there are none', () =>
  withKinesis(
    async (client) => {
      await create(client)
      for (let i = 0; i < 6; i++) {
        assert.is((await putMany(client, 500)).FailedRecordCount, 0)
        await client.send(new GetRecordsCommand({ ShardIterator: await iterator(client) }))
      }
    },
    { clock: 'manual' },
  ))

test.run()
