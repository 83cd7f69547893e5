import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { json } from 'node:stream/consumers'
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
  UpdateMaxRecordSizeCommand,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { claim } from './harness.ts'
import { account, refusal, region, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis data plane')
const shardOne = 'shardId-000000000000'
const bytes = (text: string) => Buffer.from(text)
const text = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString()

async function create(client: KinesisClient, StreamName = 's', ShardCount = 1): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }))
}

async function put(client: KinesisClient, ...data: string[]): Promise<string[]> {
  const numbers: string[] = []
  for (const each of data) {
    const { SequenceNumber } = await client.send(
      new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: bytes(each) }),
    )
    numbers.push(SequenceNumber ?? '')
  }
  return numbers
}

async function iterator(client: KinesisClient, input: Partial<GetShardIteratorCommandInput>): Promise<string> {
  const command = new GetShardIteratorCommand({
    StreamName: 's',
    ShardId: shardOne,
    ShardIteratorType: 'TRIM_HORIZON',
    ...input,
  })
  return (await client.send(command)).ShardIterator ?? ''
}

function get(client: KinesisClient, ShardIterator: string | undefined, Limit?: number): Promise<GetRecordsOutput> {
  return client.send(new GetRecordsCommand({ ShardIterator, ...(Limit === undefined ? {} : { Limit }) }))
}

async function read(client: KinesisClient, input: Partial<GetShardIteratorCommandInput> = {}): Promise<string[]> {
  const { Records = [] } = await get(client, await iterator(client, input))
  return Records.map((record) => text(record.Data))
}

for (const version of ['h2', 'h1'] as const) {
  test(`what is put is read, over ${version}: data, key, arrival time, and numbers that grow`, () =>
    withKinesis(
      async (client) => {
        await create(client)
        const begun = Date.now()
        const data = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
        const one = await client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'käse "1"', Data: data }))
        assert.is(one.ShardId, shardOne)
        const many = await client.send(
          new PutRecordsCommand({
            StreamARN: `arn:aws:kinesis:${region}:${account}:stream/s`,
            Records: [
              { PartitionKey: 'a', Data: bytes('') },
              { PartitionKey: 'b', Data: Buffer.alloc(5_000, 'x') },
            ],
          }),
        )
        assert.is(many.FailedRecordCount, 0)
        const { Records = [], MillisBehindLatest, NextShardIterator } = await get(client, await iterator(client, {}))
        assert.equal(
          Records.map((record) => record.PartitionKey),
          ['käse "1"', 'a', 'b'],
        )
        assert.equal(Buffer.from(Records[0]?.Data ?? []), data)
        assert.is(Records[1]?.Data?.length, 0)
        assert.is(text(Records[2]?.Data), 'x'.repeat(5_000))
        const numbers = Records.map((record) => record.SequenceNumber ?? '')
        assert.equal(numbers, [one.SequenceNumber, ...(many.Records ?? []).map((entry) => entry.SequenceNumber)])
        for (const number of numbers) assert.match(number, /^49\d{54}$/)
        assert.ok(
          BigInt(numbers[0] ?? 0) < BigInt(numbers[1] ?? 0) && BigInt(numbers[1] ?? 0) < BigInt(numbers[2] ?? 0),
        )
        assert.ok(Math.abs((Records[0]?.ApproximateArrivalTimestamp?.getTime() ?? 0) - begun) < 60_000)
        assert.is(Records[0]?.EncryptionType, undefined)
        assert.is(MillisBehindLatest, 0)
        assert.ok(NextShardIterator)
      },
      {},
      version,
    ))
}

test('a key goes to the shard that holds its MD5, an explicit hash key to where it says', () =>
  withKinesis(async (client) => {
    await create(client, 's', 4)
    for (const key of ['a', 'user-17', 'ключ']) {
      const hash = BigInt(`0x${createHash('md5').update(key).digest('hex')}`)
      const { ShardId } = await client.send(
        new PutRecordCommand({ StreamName: 's', PartitionKey: key, Data: bytes('x') }),
      )
      assert.is(ShardId, `shardId-00000000000${hash >> 126n}`)
    }
    const explicit = (ExplicitHashKey: string) =>
      client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'a', ExplicitHashKey, Data: bytes('x') }))
    assert.is((await explicit(String(2n ** 128n - 1n))).ShardId, 'shardId-000000000003')
    assert.is((await explicit('0')).ShardId, shardOne)
    assert.is(
      await refusal(explicit(String(2n ** 128n))),
      `400 InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${2n ** 128n}`,
    )
  }))

test('every type of iterator begins where it says', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client)
      const born = main.broker.clock.now()
      const numbers: string[] = []
      for (let i = 0; i < 5; i++) {
        numbers.push(...(await put(client, `${i}`)))
        await main.broker.advance(1_000)
      }
      const from = (input: Partial<GetShardIteratorCommandInput>) => read(client, input)
      assert.equal(await from({}), ['0', '1', '2', '3', '4'])
      assert.equal(await from({ ShardIteratorType: 'LATEST' }), [])
      const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER' } as const
      const after = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' } as const
      assert.equal(await from({ ...at, StartingSequenceNumber: numbers[3] }), ['3', '4'])
      assert.equal(await from({ ...after, StartingSequenceNumber: numbers[3] }), ['4'])
      const { Shards } = await client.send(new ListShardsCommand({ StreamName: 's' }))
      const start = Shards?.[0]?.SequenceNumberRange?.StartingSequenceNumber
      assert.is((await from({ ...at, StartingSequenceNumber: start })).length, 5)
      assert.is((await from({ ...after, StartingSequenceNumber: start })).length, 5)
      const time = (millis: number) => from({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(born + millis) })
      assert.is((await time(-1_000_000)).length, 5)
      assert.equal(await time(2_000), ['2', '3', '4'])
      assert.equal(await time(2_001), ['3', '4'])
      assert.equal(await time(5_000), [])
      const bad = (input: Partial<GetShardIteratorCommandInput>) => refusal(iterator(client, input))
      assert.is(
        await bad({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(born + 9_000) }),
        `400 InvalidArgumentException: The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${born + 9_000}, currentTimestampInMillis: ${born + 5_000}`,
      )
      assert.match(await bad({ ShardIteratorType: 'AT_TIMESTAMP' }), /Must specify timestampInMillis parameter/)
      assert.match(await bad({ ...at }), /Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber\.$/)
      assert.match(
        await bad({ StartingSequenceNumber: numbers[0] }),
        /^400 InvalidArgumentException: Must either specify \(1\) .*Request specified TRIM_HORIZON and also a StartingSequenceNumber\.$/,
      )
      assert.match(
        await bad({ ...at, StartingSequenceNumber: '5' }),
        /used in GetShardIterator on shard .* is invalid\.$/,
      )
      assert.is(
        await bad({ ShardId: 'shardId-000000000009' }),
        `400 ResourceNotFoundException: Shard shardId-000000000009 in stream s under account ${account} does not exist`,
      )
    },
    { clock: 'manual' },
  ))

test("a sequence number of another shard or another stream is told from one's own", () =>
  withKinesis(async (client) => {
    await create(client, 's', 2)
    await create(client, 't', 2)
    const explicit = async (StreamName: string, ExplicitHashKey: string) => {
      const command = new PutRecordCommand({ StreamName, PartitionKey: 'a', ExplicitHashKey, Data: bytes('x') })
      return (await client.send(command)).SequenceNumber
    }
    const at = (StartingSequenceNumber: string | undefined) =>
      refusal(iterator(client, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber }))
    assert.is(
      await at(await explicit('s', String(2n ** 127n))),
      '400 InvalidArgumentException: Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with shardId-000000000000',
    )
    assert.match(await at(await explicit('t', '0')), /is invalid because it did not come from this stream\.$/)
  }))

test('LATEST is fixed when it is asked for, whenever it is used', () =>
  withKinesis(async (client) => {
    await create(client)
    await put(client, 'before')
    const latest = await iterator(client, { ShardIteratorType: 'LATEST' })
    await put(client, 'after')
    for (let i = 0; i < 3; i++) {
      const { Records = [] } = await get(client, latest)
      assert.equal(
        Records.map((record) => text(record.Data)),
        ['after'],
        'an iterator is used as often as one likes',
      )
    }
  }))

test('an iterator lasts 5 minutes by the clock, and garbage is none', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client)
      const issued = await iterator(client, {})
      await main.broker.advance(300_000)
      assert.ok((await get(client, issued)).NextShardIterator)
      await main.broker.advance(1)
      assert.is(
        await refusal(get(client, issued)),
        '400 ExpiredIteratorException: Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan 01 00:05:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.',
      )
      for (const garbage of ['x', 'AAAA', issued.slice(0, -4), `${issued.slice(0, -6)}AAAA${issued.slice(-2)}`]) {
        assert.is(await refusal(get(client, garbage)), '400 InvalidArgumentException: Invalid ShardIterator.')
      }
      const fresh = await iterator(client, {})
      await client.send(new DeleteStreamCommand({ StreamName: 's' }))
      await create(client)
      assert.match(await refusal(get(client, fresh)), /^400 ResourceNotFoundException: Shard .* does not exist$/)
    },
    { clock: 'manual' },
  ))

test('pages: Limit, an iterator for each, MillisBehindLatest is the age of the last record while there are more', () =>
  withKinesis(
    async (client, { main }) => {
      await create(client)
      for (const each of ['1', '2', '3']) {
        await put(client, each)
        await main.broker.advance(60_000)
      }
      const first = await get(client, await iterator(client, {}), 1)
      assert.equal([first.Records?.length, first.MillisBehindLatest], [1, 180_000])
      const second = await get(client, first.NextShardIterator, 1)
      assert.equal([text(second.Records?.[0]?.Data), second.MillisBehindLatest], ['2', 120_000])
      const last = await get(client, second.NextShardIterator)
      assert.equal([text(last.Records?.[0]?.Data), last.MillisBehindLatest], ['3', 0])
      const empty = await get(client, last.NextShardIterator)
      assert.equal([empty.Records, empty.MillisBehindLatest], [[], 0])
      assert.ok(empty.NextShardIterator)
    },
    { clock: 'manual' },
  ))

test('a page holds at most 10 MiB', () =>
  withKinesis(async (client) => {
    await create(client)
    const Records = Array.from({ length: 9 }, (_, i) => ({ PartitionKey: `${i}`, Data: Buffer.alloc(1_000_000, i) }))
    for (let i = 0; i < 2; i++) await client.send(new PutRecordsCommand({ StreamName: 's', Records }))
    const first = await get(client, await iterator(client, {}))
    assert.is(first.Records?.length, 10)
    const second = await get(client, first.NextShardIterator)
    assert.is(second.Records?.length, 8)
    assert.is(second.Records?.[7]?.Data?.[0], 8)
  }))

test('the end of a closed shard is the only page without an iterator, and names the children', () =>
  withKinesis(async (client) => {
    await create(client)
    await put(client, '1', '2')
    await client.send(
      new SplitShardCommand({ StreamName: 's', ShardToSplit: shardOne, NewStartingHashKey: String(2n ** 127n) }),
    )
    const first = await get(client, await iterator(client, {}), 1)
    assert.ok(first.NextShardIterator)
    assert.is(first.ChildShards, undefined)
    const last = await get(client, first.NextShardIterator)
    assert.is(last.NextShardIterator, undefined)
    assert.equal(
      last.ChildShards?.map(({ ShardId, ParentShards }) => [ShardId, ParentShards]),
      [
        ['shardId-000000000001', [shardOne]],
        ['shardId-000000000002', [shardOne]],
      ],
    )
    const [later] = await put(client, '3')
    assert.ok(BigInt(later ?? 0) > BigInt(last.Records?.[0]?.SequenceNumber ?? 0))
  }))

test('puts go on while shards are split and merged: each is stored once, in one of them', () =>
  withKinesis(async (client) => {
    await create(client)
    let running = true
    const put = async (worker: number) => {
      const mine: string[] = []
      for (let i = 0; running; i++) {
        const Records = Array.from({ length: 5 }, (_, j) => ({
          PartitionKey: `${worker}-${i}-${j}`,
          Data: bytes(`${worker}-${i}-${j}`),
        }))
        const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName: 's', Records }))
        assert.is(FailedRecordCount, 0)
        mine.push(...Records.map((record) => record.PartitionKey))
      }
      return mine
    }
    const workers = [1, 2, 3].map(put)
    for (let shard = 0; shard < 6; shard += 2) {
      const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: 's' }))
      const range = Shards.find(({ ShardId }) => Number(ShardId?.slice(-3)) === shard)?.HashKeyRange
      const middle = (BigInt(range?.StartingHashKey ?? 0) + BigInt(range?.EndingHashKey ?? 0)) / 2n
      const ShardToSplit = `shardId-${String(shard).padStart(12, '0')}`
      await client.send(new SplitShardCommand({ StreamName: 's', ShardToSplit, NewStartingHashKey: String(middle) }))
    }
    running = false
    const sent = (await Promise.all(workers)).flat()
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: 's' }))
    const read: string[] = []
    for (const { ShardId } of Shards) {
      const { Records = [] } = await get(client, await iterator(client, { ShardId: ShardId ?? '' }))
      read.push(...Records.map((record) => text(record.Data)))
    }
    assert.equal(read.sort(), sent.sort())
  }))

test('sizes: 1 MiB a record unless the stream has more, 500 records and 10 MiB a call', () =>
  withKinesis(async (client) => {
    await create(client)
    const one = (length: number) =>
      client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(length) }))
    await one(1024 * 1024 - 1)
    assert.is(
      await refusal(one(1024 * 1024 + 1)),
      "400 ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
    )
    const many = (count: number, length: number) =>
      client.send(
        new PutRecordsCommand({
          StreamName: 's',
          Records: Array.from({ length: count }, () => ({ PartitionKey: 'k', Data: Buffer.alloc(length) })),
        }),
      )
    assert.match(
      await refusal(many(2, 1024 * 1024 + 1)),
      /2 validation errors detected: .* at 'records\.1\.member\.data'/,
    )
    assert.match(
      await refusal(many(501, 1)),
      /at 'records' failed to satisfy constraint: Member must have length less than or equal to 500/,
    )
    assert.is(
      await refusal(many(11, 1024 * 1024 - 10)),
      '400 InvalidArgumentException: Records size exceeds 10 MB limit',
    )
    await client.send(
      new UpdateMaxRecordSizeCommand({
        StreamARN: `arn:aws:kinesis:${region}:${account}:stream/s`,
        MaxRecordSizeInKiB: 10_240,
      }),
    )
    await one(10 * 1024 * 1024 - 1)
    const { Records = [] } = await get(client, await iterator(client, {}))
    assert.equal(
      Records.map((record) => record.Data?.length),
      [1024 * 1024 - 1],
    )
  }))

test('a record put natively is read by the SDK and the other way round; headers stay native', () =>
  withKinesis(async (client, { main }) => {
    await create(client)
    await put(client, 'by the sdk')
    await main.endpoint.call({
      method: 'POST',
      path: '/v1/streams/s/records',
      body: { records: [{ key: 'n'.repeat(1_000), text: 'native', headers: { trace: '1' } }] },
    })
    assert.equal(await read(client), ['by the sdk', 'native'])
    const { Records = [] } = await get(client, await iterator(client, {}))
    assert.is(Records[1]?.PartitionKey?.length, 1_000)
    const page = (await main.endpoint.call({ method: 'GET', path: '/v1/streams/s/records' })) as {
      records: { key: string; data: Uint8Array }[]
    }
    assert.equal(
      page.records.map(({ data }) => text(data)),
      ['by the sdk', 'native'],
    )
  }))

test('a page that is taken slowly stays what it was while others are read', () =>
  withKinesis(async (client, { url }) => {
    await create(client, 's', 2)
    const fill = async (ExplicitHashKey: string, byte: number) => {
      const record = { PartitionKey: 'k', ExplicitHashKey, Data: Buffer.alloc(500_000, byte) }
      await client.send(new PutRecordsCommand({ StreamName: 's', Records: Array.from({ length: 4 }, () => record) }))
    }
    await fill('0', 1)
    await fill(String(2n ** 127n), 2)
    // Over HTTP/2 the client's window is small, so that most of the page waits in the broker.
    const session = connect(url)
    const slow = session.request({
      ':method': 'POST',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.GetRecords',
      authorization: claim('kinesis', { key: account }),
    })
    slow.end(JSON.stringify({ ShardIterator: await iterator(client, {}) }))
    await once(slow, 'response')
    for (let i = 0; i < 5; i++) await read(client, { ShardId: 'shardId-000000000001' })
    const page = (await json(slow)) as { Records: { Data: string }[] }
    assert.is(page.Records.length, 4)
    for (const { Data } of page.Records) assert.ok(Buffer.from(Data, 'base64').every((byte) => byte === 1))
    session.close()
  }))

test('a dry run is told that it would have worked, and does nothing', () =>
  withKinesis(async (client) => {
    await create(client)
    const dry = client.send(
      new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: bytes('x'), DryRun: true }),
    )
    assert.match(
      await refusal(dry),
      /^400 DryRunOperationException: DryRunOperation validation succeeded while calling PutRecord operation\./,
    )
    assert.equal(await read(client), [])
  }))

test.run()
