import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cert, key } from '../server/certificate.ts'
import { claim, send } from './harness.ts'
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
  // The SDK's handler for HTTP/2 takes no certificate of its own.
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  await withKinesis(
    async (_, { url }) => {
      for (const [secretAccessKey, expected] of [
        ['right', 'it succeeded'],
        ['wrong', '400 InvalidSignatureException: The request signature we calculated'],
      ] as const) {
        for (const requestHandler of [new NodeHttpHandler(), new NodeHttp2Handler()]) {
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
  ).finally(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
  })
})

test('40 calls at once with 400 MB between them are all taken, and wait in their sockets until there is room', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const cli = fileURLToPath(new URL('../../broker/millrace.js', import.meta.url))
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [banner] = (await once(child.stdout, 'data')) as [Buffer]
    const url = /at (http:\S+)/.exec(banner.toString())?.[1] ?? ''
    const call = (operation: string, body: string | Uint8Array) =>
      send(url, {
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `Kinesis_20131202.${operation}`,
          authorization: claim('kinesis'),
        },
        body,
      })
    await call('CreateStream', '{"StreamName":"s","ShardCount":4}')
    const record = Buffer.alloc(256 * 1024, 7).toString('base64')
    const entries = Array.from({ length: 38 }, (_, i) => `{"PartitionKey":"${i}","Data":"${record}"}`).join(',')
    const body = Buffer.from(`{"StreamName":"s","Records":[${entries}]}`)
    let largest = 0
    const watch = setInterval(() => {
      largest = Math.max(largest, anonymousBytes(child.pid))
    }, 20)
    const answers = await Promise.all(Array.from({ length: 40 }, () => call('PutRecords', body)))
    clearInterval(watch)
    for (const answer of answers) assert.match(answer.body.toString(), /"FailedRecordCount":0/)
    assert.ok(largest < 450_000_000, `${largest} bytes`)
  } finally {
    child.kill('SIGKILL')
    await rm(data, { recursive: true, force: true })
  }
})

/** Memory of a process that is not of files, where the system tells. */
function anonymousBytes(pid: number | undefined): number {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

test.run()
