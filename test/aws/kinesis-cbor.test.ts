import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeAwsCbor, encodeAwsCbor } from '../../broker/wire/aws-cbor.ts'
import { claim, type RawAnswer, send, sendHttp2, withBroker } from './harness.ts'

const test = suite('kinesis over CBOR')
const type = 'application/x-amz-cbor-1.1'

type Call = (
  operation: string,
  input: object | Uint8Array,
) => Promise<{ answer: RawAnswer; value: Record<string, unknown> }>

/** A client such as Java's: CBOR both ways, over HTTP/2. */
function client(url: string): Call {
  return async (operation, input) => {
    const headers = {
      'content-type': type,
      'x-amz-target': `Kinesis_20131202.${operation}`,
      authorization: claim('kinesis', { key: '123456789012' }),
    }
    const answer = await sendHttp2(url, { headers, body: input instanceof Uint8Array ? input : encodeAwsCbor(input) })
    const value = answer.body.length === 0 ? {} : (decodeAwsCbor(answer.body) as Record<string, unknown>)
    return { answer, value }
  }
}

test('records go in and out as bytes, times as milliseconds', () =>
  withBroker(
    async ({ url, main }) => {
      const call = client(url)
      const created = await call('CreateStream', { StreamName: 's', ShardCount: 1 })
      assert.equal(
        [created.answer.status, created.answer.body.length, created.answer.headers['content-type']],
        [200, 0, type],
      )
      const Data = Uint8Array.of(0, 1, 254, 255)
      const put = await call('PutRecords', { StreamName: 's', Records: [{ Data, PartitionKey: 'k' }] })
      assert.is(put.value['FailedRecordCount'], 0)
      const at = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'AT_TIMESTAMP' }
      const { value } = await call('GetShardIterator', { ...at, Timestamp: new Date(main.broker.clock.now()) })
      const page = await call('GetRecords', { ShardIterator: value['ShardIterator'] })
      const [record] = page.value['Records'] as Record<string, unknown>[]
      assert.equal(Uint8Array.from(record?.['Data'] as Uint8Array), Data)
      assert.equal(record?.['ApproximateArrivalTimestamp'], new Date(main.broker.clock.now()))
      assert.is(record?.['PartitionKey'], 'k')
      assert.is(page.value['MillisBehindLatest'], 0)
      const described = await call('DescribeStream', { StreamName: 's' })
      const { StreamCreationTimestamp } = described.value['StreamDescription'] as { StreamCreationTimestamp: Date }
      assert.equal(StreamCreationTimestamp, new Date(main.broker.clock.now()))
    },
    { clock: 'manual' },
  ))

test('a request as the Java SDK writes it: maps and lists without lengths', () =>
  withBroker(async ({ url }) => {
    const call = client(url)
    await call('CreateStream', { StreamName: 'x', ShardCount: 1 })
    const text = (said: string) => `${(0x60 + said.length).toString(16)}${Buffer.from(said).toString('hex')}`
    const record = `bf${text('Data')}4368690a${text('PartitionKey')}${text('k')}ff`
    const request = Buffer.from(`bf${text('StreamName')}${text('x')}${text('Records')}9f${record}ffff`, 'hex')
    const { answer, value } = await call('PutRecords', request)
    assert.is(answer.status, 200, JSON.stringify(value))
    assert.is(value['FailedRecordCount'], 0)
  }))

test('errors are CBOR too', () =>
  withBroker(async ({ url }) => {
    const call = client(url)
    const missing = await call('DescribeStreamSummary', { StreamName: 'none' })
    assert.is(missing.answer.status, 400)
    assert.is(missing.answer.headers['content-type'], type)
    assert.is(missing.answer.headers['x-amzn-errortype'], 'ResourceNotFoundException')
    assert.equal(missing.value, {
      __type: 'ResourceNotFoundException',
      message: 'Stream none under account 123456789012 not found.',
    })
    assert.is((await call('DescribeStream', Buffer.from('ff', 'hex'))).value['__type'], 'SerializationException')
    assert.is((await call('Nope', {})).value['__type'], 'UnknownOperationException')
  }))

test('SubscribeToShard is an event stream of JSON, whatever it was asked in', () =>
  withBroker(async ({ url }) => {
    const call = client(url)
    await call('CreateStream', { StreamName: 's', ShardCount: 1 })
    const StreamARN = 'arn:aws:kinesis:us-east-1:123456789012:stream/s'
    const { value } = await call('RegisterStreamConsumer', { StreamARN, ConsumerName: 'c' })
    const { ConsumerARN } = value['Consumer'] as { ConsumerARN: string }
    // A shard that is read to its end ends the answer.
    const split = { StreamName: 's', ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '5' }
    await call('SplitShard', split)
    const answer = await send(url, {
      headers: {
        'content-type': type,
        'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
        authorization: claim('kinesis', { key: '123456789012' }),
      },
      body: encodeAwsCbor({
        ConsumerARN,
        ShardId: 'shardId-000000000000',
        StartingPosition: { Type: 'TRIM_HORIZON' },
      }),
    })
    assert.is(answer.headers['content-type'], 'application/vnd.amazon.eventstream')
    assert.match(
      answer.body.toString('latin1'),
      /initial-response.*\{\}.*"ChildShards":\[\{"ShardId":"shardId-000000000001"/s,
    )
  }))

test.run()
