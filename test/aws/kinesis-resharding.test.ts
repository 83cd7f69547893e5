import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { account, region, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis readers that follow shards to their children')
const StreamName = 's'
const StreamARN = `arn:aws:kinesis:${region}:${account}:stream/s`
const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`)
const rounds = 60

/** Children as the last page or event of a closed shard names them. */
type Children = readonly { readonly ShardId?: string | undefined; readonly ParentShards?: string[] | undefined }[]

/** Reads one shard to its end, showing what it holds; resolves with its children, or with none when `enough` holds. */
type ReadShard = (shard: string, each: (text: string) => void, enough: () => boolean) => Promise<Children>

/** What a reader saw: for each key, its counts in the order they came. */
class Ledger {
  readonly seen = new Map<string, number[]>()
  total = 0

  readonly take = (text: string): void => {
    const [key = '', count] = text.split(' ')
    this.seen.set(key, [...(this.seen.get(key) ?? []), Number(count)])
    this.total++
  }
}

/** As the KCL does it: a shard is begun when all its parents were read to their ends. */
async function follow(client: KinesisClient, read: ReadShard, ledger: Ledger): Promise<void> {
  const enough = () => ledger.total >= rounds * keys.length
  const ended = new Set<string>()
  const begun = new Set<string>()
  const run = async (shard: string): Promise<void> => {
    if (begun.has(shard)) return
    begun.add(shard)
    const children = await read(shard, ledger.take, enough)
    ended.add(shard)
    const ready = children.filter(({ ParentShards = [] }) => ParentShards.every((parent) => ended.has(parent)))
    await Promise.all(ready.map(({ ShardId = '' }) => run(ShardId)))
  }
  const ShardFilter = { Type: 'AT_TRIM_HORIZON' as const }
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName, ShardFilter }))
  await Promise.all(Shards.map(({ ShardId = '' }) => run(ShardId)))
}

/** Every key gets a count that grows, while shards are split and merged beside it. */
async function produce(client: KinesisClient): Promise<void> {
  for (let count = 0; count < rounds; count++) {
    const Records = keys.map((key) => ({ PartitionKey: key, Data: Buffer.from(`${key} ${count}`) }))
    const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }))
    assert.is(FailedRecordCount, 0)
    if (count === 10 || count === 30) await split(client)
    if (count === 20 || count === 45) await merge(client)
  }
}

async function open(client: KinesisClient) {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }))
  const start = (key: string | undefined) => BigInt(key ?? 0)
  return Shards.sort((a, b) =>
    start(a.HashKeyRange?.StartingHashKey) < start(b.HashKeyRange?.StartingHashKey) ? -1 : 1,
  )
}

async function split(client: KinesisClient): Promise<void> {
  const [shard] = await open(client)
  const { StartingHashKey = '0', EndingHashKey = '0' } = shard?.HashKeyRange ?? {}
  const NewStartingHashKey = String((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n)
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: shard?.ShardId, NewStartingHashKey }))
}

async function merge(client: KinesisClient): Promise<void> {
  const [one, two] = await open(client)
  const pair = { ShardToMerge: one?.ShardId, AdjacentShardToMerge: two?.ShardId }
  await client.send(new MergeShardsCommand({ StreamName, ...pair }))
}

function polling(client: KinesisClient): ReadShard {
  return async (ShardId, each, enough) => {
    const start = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start))
    for (;;) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 7 }))
      for (const { Data = new Uint8Array(0) } of page.Records ?? []) each(Buffer.from(Data).toString())
      ShardIterator = page.NextShardIterator
      if (ShardIterator === undefined) return page.ChildShards ?? []
      if (enough()) return []
      if (page.Records?.length === 0) await sleep(2)
    }
  }
}

function subscribing(client: KinesisClient, ConsumerARN: string | undefined): ReadShard {
  return async (ShardId, each, enough) => {
    const StartingPosition = { Type: 'TRIM_HORIZON' as const }
    const { EventStream = [] } = await client.send(
      new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition }),
    )
    for await (const { SubscribeToShardEvent: event } of EventStream) {
      for (const { Data = new Uint8Array(0) } of event?.Records ?? []) each(Buffer.from(Data).toString())
      if (event?.ChildShards !== undefined) return event.ChildShards
      // A heartbeat comes to every shard in the end, so all of them see that nothing is missing.
      if (enough()) return []
    }
    return []
  }
}

function requireOrder(ledger: Ledger): void {
  const expected = Array.from({ length: rounds }, (_, i) => i)
  for (const key of keys) assert.equal(ledger.seen.get(key), expected, key)
}

test('by GetRecords: each record once, each key in order, however often shards were split and merged meanwhile', () =>
  withKinesis(
    async (client) => {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }))
      const ledger = new Ledger()
      await Promise.all([produce(client), follow(client, polling(client), ledger)])
      requireOrder(ledger)
    },
    {},
    'h1',
  ))

test('by SubscribeToShard: the same', () =>
  withKinesis(
    async (client) => {
      await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }))
      const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'app' }))
      const ledger = new Ledger()
      await Promise.all([produce(client), follow(client, subscribing(client, Consumer?.ConsumerARN), ledger)])
      requireOrder(ledger)
    },
    {},
    'h1',
  ))

test('aggregated records of the KPL come out byte for byte as they went in, and so does anything else', () =>
  withKinesis(async (client) => {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }))
    // The KPL's magic number, protobuf, and an MD5, which only its readers look into.
    const aggregated = Buffer.from('f3899ac20a0161120608001a02686900112233445566778899aabbccddeeff', 'hex')
    const all = [aggregated, Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, i) => i))]
    const Records = all.map((Data) => ({ PartitionKey: 'a', Data }))
    await client.send(new PutRecordsCommand({ StreamName, Records }))
    const start = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' as const }
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(start))
    const page = await client.send(new GetRecordsCommand({ ShardIterator }))
    assert.equal(
      page.Records?.map(({ Data = [] }) => Buffer.from(Data).toString('hex')),
      all.map((data) => data.toString('hex')),
    )
  }))

test.run()
