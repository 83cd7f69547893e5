import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListTagsForStreamCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  StartStreamEncryptionCommand,
} from '@aws-sdk/client-kinesis'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cert, key } from '../server/certificate.ts'
import { account, refusal, region, withKinesis } from './kinesis-harness.ts'

const test = suite('kinesis durability and safety')
const StreamARN = `arn:aws:kinesis:${region}:${account}:stream/s`

test('over a restart: records, numbers, iterators, lineage, consumers, tags and all else that was said', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const options = { memory: false, data }
  const list = async (client: KinesisClient) => (await client.send(new ListShardsCommand({ StreamName: 's' }))).Shards
  try {
    let ShardIterator: string | undefined
    let ConsumerARN: string | undefined
    let shards: unknown
    await withKinesis(async (client) => {
      await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1, Tags: { a: 'b' } }))
      const Records = ['1', '2', '3'].map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }))
      await client.send(new PutRecordsCommand({ StreamName: 's', Records }))
      const ShardId = 'shardId-000000000000'
      const issued = await client.send(
        new GetShardIteratorCommand({ StreamName: 's', ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
      )
      const page = await client.send(new GetRecordsCommand({ ShardIterator: issued.ShardIterator, Limit: 1 }))
      ShardIterator = page.NextShardIterator
      const registered = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }))
      ConsumerARN = registered.Consumer?.ConsumerARN
      await client.send(new StartStreamEncryptionCommand({ StreamName: 's', EncryptionType: 'KMS', KeyId: 'k' }))
      await client.send(
        new SplitShardCommand({ StreamName: 's', ShardToSplit: ShardId, NewStartingHashKey: String(2n ** 127n) }),
      )
      shards = await list(client)
    }, options)
    await withKinesis(async (client) => {
      assert.equal(await list(client), shards)
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }))
      assert.equal(
        Records.map((record) => [Buffer.from(record.Data ?? []).toString(), record.EncryptionType]),
        [
          ['2', 'KMS'],
          ['3', 'KMS'],
        ],
      )
      assert.is(NextShardIterator, undefined)
      const { ConsumerDescription } = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }))
      assert.is(ConsumerDescription?.ConsumerName, 'c')
      const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: 's' }))
      assert.equal([StreamDescriptionSummary?.ConsumerCount, StreamDescriptionSummary?.KeyId], [1, 'k'])
      const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName: 's' }))
      assert.equal(Tags, [{ Key: 'a', Value: 'b' }])
    }, options)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test('over TLS, with signatures that are verified, by HTTP/2 and HTTP/1.1', async () => {
  const { NodeHttp2Handler, NodeHttpHandler } = await import('@smithy/node-http-handler')
  const { Agent } = await import('node:https')
  await withKinesis(
    async (_, { url }) => {
      for (const [secretAccessKey, expected] of [
        ['right', 'it succeeded'],
        ['wrong', '400 InvalidSignatureException: The request signature we calculated'],
      ] as const) {
        const http1 = new NodeHttpHandler({ httpsAgent: new Agent({ ca: cert }) })
        for (const requestHandler of [http1, new NodeHttp2Handler({ sessionOptions: { ca: cert } } as object)]) {
          const credentials = { accessKeyId: 'AKID', secretAccessKey }
          const client = new KinesisClient({ endpoint: url, region, credentials, maxAttempts: 1, requestHandler })
          const said = await refusal(client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 })))
          const already = '400 ResourceInUseException'
          assert.ok(said.startsWith(expected) || (secretAccessKey === 'right' && said.startsWith(already)), said)
          client.destroy()
        }
      }
    },
    { tls: { cert, key }, awsCredentials: { AKID: 'right' } },
  )
})

test('100 calls at once with 2.5 GB between them are all taken, in bounded memory', () =>
  withKinesis(
    async (client, { url }) => {
      await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 4 }))
      // Bytes for all of them are made once, as they are sent: what is measured is the broker, which is in this process too.
      const data = Buffer.alloc(256 * 1024, 7).toString('base64')
      const entries = Array.from({ length: 38 }, (_, i) => `{"PartitionKey":"${i}","Data":"${data}"}`).join(',')
      const body = Buffer.from(`{"StreamName":"s","Records":[${entries}]}`)
      const { claim, send } = await import('./harness.ts')
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Kinesis_20131202.PutRecords',
        authorization: claim('kinesis'),
      }
      let largest = 0
      const watch = setInterval(() => {
        largest = Math.max(largest, process.memoryUsage().arrayBuffers)
      }, 20)
      const answers = await Promise.all(Array.from({ length: 100 }, () => send(url, { headers, body })))
      clearInterval(watch)
      for (const answer of answers) {
        assert.is(answer.status, 200)
        assert.match(answer.body.toString(), /"FailedRecordCount":0/)
      }
      assert.ok(largest < 600_000_000, `${largest} bytes`)
    },
    { memory: false, data: join(tmpdir(), `millrace-test-large-${process.pid}`) },
  ).finally(() => rm(join(tmpdir(), `millrace-test-large-${process.pid}`), { recursive: true, force: true })))

test.run()
