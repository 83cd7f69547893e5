import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { numbers, until, withBroker } from './harness.ts'

const test = suite('bindings of streams')

/** An event as handlers get it. */
interface Event {
  readonly Records: readonly {
    readonly kinesis: { readonly partitionKey: string; readonly sequenceNumber: string; readonly data: string }
    readonly eventID: string
  }[]
}

const textsOf = (event: unknown) =>
  (event as Event).Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString())

async function put(client: Client, texts: readonly string[], key = 'k'): Promise<void> {
  const stream = client.stream('orders')
  await Promise.all(texts.map((data) => stream.put({ key, data })))
}

/** Up to where the binding `b` has handled the first shard; undefined before it handled anything. */
async function positionOf(client: Client): Promise<number | undefined> {
  const consumers = await client.stream('orders').consumers()
  return consumers.find(({ consumer }) => consumer === 'binding.b')?.shards[0]?.next
}

test('records reach the handler in order, in batches no larger than asked for, and the position follows', () =>
  withBroker(async ({ broker, client, bind, describe }) => {
    await client.stream('orders').create()
    const batches: string[][] = []
    await broker.handle('handler', (event) => void batches.push(textsOf(event)))
    await put(client, numbers(25))
    await bind('b', { batch: { recordsMax: 10 } })
    await until(() => batches.flat().length === 25)
    assert.equal(batches.flat(), numbers(25))
    assert.ok(batches.every((batch) => batch.length <= 10))
    await until(async () => (await positionOf(client)) === 25)
    assert.is((await describe('b')).lag, 0)
    await until(async () => (await describe('b')).status?.lastResult === 'OK')
  }))

test('latest is where the stream ended when the binding was made', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => void seen.push(...textsOf(event)))
    await put(client, ['before'])
    await bind('b', { source: { stream: 'orders', from: 'latest' } })
    await put(client, ['after'])
    await until(() => seen.length > 0)
    assert.equal(seen, ['after'])
  }))

test('a window gathers what comes while it is open', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const batches: string[][] = []
    await broker.handle('handler', (event) => void batches.push(textsOf(event)))
    await bind('b', { batch: { windowMillis: 400 } })
    for (const text of numbers(3)) {
      await put(client, [text])
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await until(() => batches.length > 0)
    assert.equal(batches, [numbers(3)])
  }))

test('a failing batch holds up its shard, and no other; tried again until it works', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create({ shards: 2 })
    const { shards } = await client.stream('orders').describe()
    const keys = shards.map((shard) => numbers(100).find((key) => Number(keyShard(key)) === shard.shard) as string)
    let failures = 0
    const seen: string[] = []
    await broker.handle('handler', (event) => {
      const texts = textsOf(event)
      if (texts.includes('bad') && failures++ < 3) throw new Error('not yet')
      seen.push(...texts)
    })
    await bind('b', { batch: { recordsMax: 1 } })
    await put(client, ['bad', 'behind'], keys[0])
    await put(client, ['other'], keys[1])
    await until(() => seen.length === 3)
    assert.equal(seen, ['other', 'bad', 'behind'])
    assert.is(failures, 4)
  }))

test('what was tried too often is given up, and the dead letter says where it is', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    await client.stream('failed').create()
    const seen: string[] = []
    let tries = 0
    await broker.handle('handler', (event) => {
      if (textsOf(event).includes('bad')) {
        tries++
        throw new Error('never')
      }
      seen.push(...textsOf(event))
    })
    await bind('b', { batch: { recordsMax: 1 }, retry: { retriesMax: 2 }, deadLetter: { stream: 'failed' } })
    await put(client, ['bad', 'good'])
    await until(() => seen.length === 1)
    assert.is(tries, 3)
    const page = await client.stream('failed').read({ shard: 0 })
    const letter = page.records[0]?.json<Record<string, Record<string, unknown>>>()
    const { requestContext, responseContext, KinesisBatchInfo: info } = letter ?? {}
    assert.is(requestContext?.['condition'], 'RetryAttemptsExhausted')
    assert.is(requestContext?.['approximateInvokeCount'], 3)
    assert.equal(responseContext, { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' })
    assert.equal([info?.['batchSize'], info?.['shardId']], [1, 'shardId-000000000000'])
    assert.is(info?.['startSequenceNumber'], info?.['endSequenceNumber'])
  }))

test('halving finds the one bad record, and gives up that one alone', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    await client.stream('failed').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => {
      if (textsOf(event).includes('7')) throw new Error('never')
      seen.push(...textsOf(event))
    })
    await put(client, numbers(20))
    await bind('b', { retry: { retriesMax: 0, bisect: true }, deadLetter: { stream: 'failed' } })
    await until(() => seen.length === 19)
    assert.equal(
      seen,
      numbers(20).filter((each) => each !== '7'),
    )
    const { records } = await client.stream('failed').read({ shard: 0 })
    assert.equal(
      records.map((record) => record.json<{ KinesisBatchInfo: { batchSize: number } }>().KinesisBatchInfo.batchSize),
      [1],
    )
  }))

test('an answer that names failed records settles those before the first of them', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const batches: string[][] = []
    await broker.handle('handler', (event) => {
      const { Records } = event as Event
      batches.push(textsOf(event))
      const bad = batches.length === 1 ? Records.slice(3, 5).reverse() : []
      return { batchItemFailures: bad.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) }
    })
    await put(client, numbers(6))
    await bind('b', { batch: { partial: true, windowMillis: 300 } })
    await until(() => batches.length === 2)
    assert.equal(batches, [numbers(6), ['3', '4', '5']])
  }))

test('answers about failed records mean what was recorded of them', async () => {
  const { failuresIn } = await import('../../bindings/partial-response.ts')
  const meaning = (text: string) => failuresIn(Buffer.from(text))
  for (const fine of ['null', '{}', '""', '', '{"batchItemFailures":[]}', '{"batchItemFailures":null}']) {
    assert.equal(meaning(fine), [], fine)
  }
  for (const all of ['', null, undefined].map((itemIdentifier) =>
    JSON.stringify({ batchItemFailures: [{ itemIdentifier }] }),
  )) {
    assert.is(meaning(all), undefined, all)
  }
  assert.is(meaning('no json'), undefined)
  assert.is(meaning('{"batchItemFailures":7}'), undefined)
  assert.equal(meaning('{"batchItemFailures":[{"itemIdentifier":"1"}]}'), ['1'])
})

test('an identifier nobody knows fails the whole batch', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const batches: string[][] = []
    await broker.handle('handler', (event) => {
      batches.push(textsOf(event))
      return batches.length === 1 ? { batchItemFailures: [{ itemIdentifier: '12' }] } : null
    })
    await put(client, numbers(3))
    await bind('b', { batch: { partial: true, windowMillis: 300 } })
    await until(() => batches.length === 2)
    assert.equal(batches, [numbers(3), numbers(3)])
  }))

test('what is too old is given up before it is tried', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    await client.stream('failed').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => {
      if (textsOf(event).includes('bad')) throw new Error('never')
      seen.push(...textsOf(event))
    })
    await put(client, ['bad'])
    await bind('b', { batch: { recordsMax: 1 }, retry: { ageMillisMax: 1_000 }, deadLetter: { stream: 'failed' } })
    await until(async () => (await client.stream('failed').read({ shard: 0 })).records.length === 1)
    const letter = (await client.stream('failed').read({ shard: 0 })).records[0]?.json<
      Record<string, Record<string, unknown>>
    >()
    assert.is(letter?.['requestContext']?.['condition'], 'RecordAgeExceeded')
    await put(client, ['new'])
    await until(() => seen.length === 1)
  }))

test('filters: records that match none are passed over, and the position passes them too', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => void seen.push(...textsOf(event)))
    await bind('b', { filter: [{ data: { total: [{ numeric: ['>', 10] }] } }, { data: ['plain'] }] })
    const wanted = ['{"total":11}', 'plain']
    await put(client, ['{"total":9}', wanted[0] as string, 'other text', wanted[1] as string, '[1', '{"x":1}'])
    await until(
      async () =>
        (
          await client
            .stream('orders')
            .consumer('binding.b')
            .catch(() => undefined)
        )?.shards[0]?.next === 6,
    )
    assert.equal(seen, wanted)
  }))

test('several batches of one shard at once keep the order of every key', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const seen = new Map<string, string[]>()
    let atOnce = 0
    let most = 0
    await broker.handle('handler', async (event) => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setTimeout(resolve, 2))
      for (const { kinesis } of (event as Event).Records) {
        const of = seen.get(kinesis.partitionKey) ?? []
        seen.set(kinesis.partitionKey, [...of, Buffer.from(kinesis.data, 'base64').toString()])
      }
      atOnce--
    })
    for (const key of numbers(10)) await put(client, numbers(20), key)
    await bind('b', { batch: { recordsMax: 5, parallel: 4 } })
    await until(() => [...seen.values()].flat().length === 200)
    for (const texts of seen.values()) assert.equal(texts, numbers(20))
    assert.ok(most > 1 && most <= 4)
    await until(async () => (await positionOf(client)) === 200)
  }))

test('children are read when their parents are done with', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const seen: string[] = []
    await broker.handle('handler', async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      seen.push(...textsOf(event))
    })
    await put(client, numbers(5))
    await client.stream('orders').split(0)
    await put(client, ['child'])
    await bind('b', { batch: { recordsMax: 1 } })
    await until(() => seen.length === 6)
    assert.equal(seen, [...numbers(5), 'child'])
  }))

test('paused, it handles nothing; then it goes on from where it was', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => void seen.push(...textsOf(event)))
    await bind('b')
    await put(client, ['one'])
    await until(() => seen.length === 1)
    const pause = (paused: boolean) =>
      client.endpoint.call({ method: 'PATCH', path: '/v1/bindings/b', body: { paused } })
    await pause(true)
    await put(client, ['two'])
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(seen, ['one'])
    await pause(false)
    await until(() => seen.length === 2)
    assert.equal(seen, ['one', 'two'])
  }))

test('a target may be a stream, and a binding that is deleted leaves nothing behind', () =>
  withBroker(async ({ client, bind }) => {
    await client.stream('orders').create()
    await client.stream('copies').create()
    await bind('b', { target: { stream: 'copies' } })
    await put(client, ['one'])
    await until(async () => (await client.stream('copies').read({ shard: 0 })).records.length === 1)
    await client.endpoint.call({ method: 'DELETE', path: '/v1/bindings/b' })
    assert.equal(await client.stream('orders').consumers(), [])
  }))

test('a binding that is deleted while its handler works keeps no position: one of the same name begins anew', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    const seen: string[] = []
    let finish: () => void = () => undefined
    await broker.handle('handler', (event) => {
      seen.push(...textsOf(event))
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    await put(client, ['one'])
    await bind('b')
    await until(() => seen.length === 1)
    await client.endpoint.call({ method: 'DELETE', path: '/v1/bindings/b' })
    finish()
    await bind('b')
    await until(() => seen.length === 2)
    assert.equal(seen, ['one', 'one'])
    finish()
  }))

/** The shard of a key in a stream of two. */
function keyShard(key: string): number {
  return md5High(key) < 0x80 ? 0 : 1
}

function md5High(key: string): number {
  return createHash('md5').update(key).digest()[0] as number
}

test.run()
