import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { numbers, until, withBroker } from './harness.ts'

const test = suite('targets of bindings')

async function textsIn(client: Client, queue: string): Promise<string[]> {
  const { messages } = await client.queue(queue).peek({ limit: 100 })
  return messages.map(({ data }) => Buffer.from(data).toString())
}

/** A server that answers as `answer` says, and what it was sent. */
async function withServer(
  answer: (body: string) => { readonly status: number; readonly body?: string },
  run: (url: string, bodies: readonly string[]) => Promise<void>,
): Promise<void> {
  const bodies: string[] = []
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      bodies.push(body)
      const { status, body: text = '' } = answer(body)
      response.writeHead(status, { 'content-type': 'application/json' }).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, bodies)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

test('a stream gets records one by one, as they are, in order', () =>
  withBroker(async ({ client, bind }) => {
    await client.stream('orders').create()
    await client.stream('copy').create()
    await Promise.all(numbers(20).map((data) => client.stream('orders').put({ key: `key-${data}`, data })))
    await bind('b', { target: { stream: 'copy' } })
    const read = async () => (await client.stream('copy').read({ shard: 0, limit: 100 })).records
    await until(async () => (await read()).length === 20)
    assert.equal(
      (await read()).map((record) => [record.key, record.text()]),
      numbers(20).map((each) => [`key-${each}`, each]),
    )
  }))

test('a topic gets messages one by one, and its subscriptions have them; a FIFO topic keeps the order of each key', () =>
  withBroker(async ({ client, bind }) => {
    await client.stream('orders').create()
    for (const [name, options] of [
      ['news', {}],
      ['ordered.fifo', { fifo: true }],
    ] as const) {
      await client.topic(name).create(options)
      await client.queue(`${name}.copy`).create(options)
      const path = `/v1/topics/${name}/subscriptions/copy`
      await client.endpoint.call({ method: 'PUT', path, body: { target: { queue: `${name}.copy` }, raw: true } })
      await bind(name, { target: { topic: name } })
    }
    await Promise.all(numbers(6).map((data) => client.stream('orders').put({ key: `${Number(data) % 2}`, data })))
    await until(async () => (await textsIn(client, 'news.copy')).length === 6)
    assert.equal((await textsIn(client, 'news.copy')).sort(), numbers(6))
    await until(async () => (await textsIn(client, 'ordered.fifo.copy')).length === 6)
    const ordered = await textsIn(client, 'ordered.fifo.copy')
    assert.equal(
      ordered.filter((each) => Number(each) % 2 === 0),
      ['0', '2', '4'],
    )
  }))

test('a bus gets each record as an event, whose detail is the record, or holds it where it is no object', () =>
  withBroker(async ({ client, bind }) => {
    await client.stream('orders').create()
    await client.bus('shop').create()
    const data = ['{"total":5}', '[1]', 'words', Uint8Array.of(0xff, 0x00)]
    for (const each of data) await client.stream('orders').put({ key: 'k', data: each })
    await bind('plain', { target: { bus: 'shop' } })
    const events = async () => (await client.bus('shop').read()).events.map(({ event }) => event)
    await until(async () => (await events()).length === 4)
    assert.equal(
      (await events()).map(({ detail }) => detail),
      [{ total: 5 }, { data: [1] }, { data: 'words' }, { dataBase64: '/wA=' }],
    )
    const [first] = await events()
    assert.equal(
      [first?.source, first?.['detail-type'], first?.resources],
      ['millrace.stream', 'Record', ['arn:aws:kinesis:us-east-1:000000000000:stream/orders']],
    )
    await client.queue('big').create()
    const rule = { pattern: { source: ['shop'], 'detail-type': ['order'] }, targets: [{ target: { queue: 'big' } }] }
    await client.bus('shop').putRule('big', rule)
    await bind('named', { target: { bus: 'shop', source: 'shop', detailType: 'order' } })
    await until(async () => (await textsIn(client, 'big')).length === 4)
    assert.is(
      await bind('c', { target: { bus: 'none' } }).catch((error: { code: string }) => error.code),
      'bus_not_found',
    )
  }))

test('a dead letter may go to a topic', () =>
  withBroker(async ({ broker, client, bind }) => {
    await client.stream('orders').create()
    await client.topic('failures').create()
    await client.queue('told').create()
    const path = '/v1/topics/failures/subscriptions/told'
    await client.endpoint.call({ method: 'PUT', path, body: { target: { queue: 'told' }, raw: true } })
    await broker.handle('handler', () => {
      throw new Error('never')
    })
    await bind('b', { retry: { retriesMax: 0 }, deadLetter: { topic: 'failures' } })
    await client.stream('orders').put({ key: 'k', data: 'bad' })
    await until(async () => (await textsIn(client, 'told')).length === 1)
    const [letter = ''] = await textsIn(client, 'told')
    assert.is(JSON.parse(letter).requestContext.condition, 'RetryAttemptsExhausted')
    const gone = bind('c', { target: { topic: 'none' } })
    assert.is(await gone.catch((error: { code: string }) => error.code), 'topic_not_found')
  }))

test('a queue gets messages one by one; a FIFO queue keeps the order of each key', () =>
  withBroker(async ({ client, bind }) => {
    await client.stream('orders').create()
    await client.queue('standard').create()
    await client.queue('ordered').create({ fifo: true })
    await Promise.all(numbers(6).map((data) => client.stream('orders').put({ key: `${Number(data) % 2}`, data })))
    await bind('one', { target: { queue: 'standard' } })
    await bind('two', { target: { queue: 'ordered' } })
    await until(async () => (await textsIn(client, 'standard')).length === 6)
    await until(async () => (await textsIn(client, 'ordered')).length === 6)
    assert.equal((await textsIn(client, 'standard')).sort(), numbers(6))
    const { messages } = await client.queue('ordered').peek({ limit: 10 })
    for (const group of ['0', '1']) {
      const texts = messages.filter((each) => each.group === group).map(({ data }) => Buffer.from(data).toString())
      assert.equal(texts, [...texts].sort())
    }
  }))

test('a queue is forwarded to a stream, and from queue to queue', () =>
  withBroker(async ({ client, bind }) => {
    for (const name of ['first', 'second']) await client.queue(name).create()
    await client.stream('last').create()
    await bind('one', { source: { queue: 'first' }, target: { queue: 'second' } })
    await bind('two', { source: { queue: 'second' }, target: { stream: 'last' } })
    await client.queue('first').send('hello')
    const read = async () => (await client.stream('last').read({ shard: 0 })).records
    await until(async () => (await read()).length === 1)
    assert.is((await read())[0]?.text(), 'hello')
  }))

test('HTTP gets events by POST', () =>
  withServer(
    () => ({ status: 200 }),
    (url, bodies) =>
      withBroker(async ({ client, bind, describe }) => {
        await client.stream('orders').create()
        await client.stream('orders').put({ key: 'k', data: 'hello' })
        await bind('b', { target: { http: url } })
        await until(async () => (await describe('b')).status?.lastResult === 'OK')
        const [record] = (JSON.parse(bodies[0] as string) as { Records: { kinesis: { data: string } }[] }).Records
        assert.is(Buffer.from(record?.kinesis.data ?? '', 'base64').toString(), 'hello')
      }),
  ))

test('HTTP: a status that is no success is a failure; what failed too often goes to the dead letter queue', () => {
  let calls = 0
  return withServer(
    () => (calls++ < 2 ? { status: 503 } : { status: 200, body: '{"batchItemFailures":[]}' }),
    (url) =>
      withBroker(async ({ client, bind }) => {
        await client.stream('orders').create()
        await client.queue('failed').create()
        await bind('b', {
          target: { http: url },
          batch: { recordsMax: 1, partial: true },
          retry: { retriesMax: 1 },
          deadLetter: { queue: 'failed' },
        })
        await client.stream('orders').put({ key: 'k', data: 'one' })
        await client.stream('orders').put({ key: 'k', data: 'two' })
        await until(() => calls === 3)
        const [letter] = await textsIn(client, 'failed')
        assert.is(JSON.parse(letter ?? '').requestContext.condition, 'RetryAttemptsExhausted')
        assert.is(JSON.parse(letter ?? '').requestContext.functionArn, url)
      }),
  )
})

test('where others reach the broker, HTTP does not lead to this machine or its network', async () => {
  const { HttpTarget } = await import('../../bindings/http-target.ts')
  const target = new HttpTarget(false)
  const told = async (url: string) =>
    Buffer.from((await target.send({ url, body: new Uint8Array(0) })).payload).toString()
  try {
    for (const host of ['127.0.0.1', '10.1.2.3', '[::1]', '[fd00::1]', '[::ffff:192.168.0.1]', 'localhost']) {
      assert.match(await told(`http://${host}:1/`), /private network/, host)
    }
  } finally {
    await target.close()
  }
})

test('what is private is told from what is not', async () => {
  const { isPrivateAddress } = await import('../../bindings/private-address.ts')
  for (const address of ['127.1.2.3', '172.31.0.1', '169.254.169.254', '100.64.0.1', '::', 'fe80::1', '0.0.0.0']) {
    assert.ok(isPrivateAddress(address), address)
  }
  for (const address of ['8.8.8.8', '172.32.0.1', '2001:db8::1', 'no address']) {
    assert.not.ok(isPrivateAddress(address), address)
  }
})

test('a target is one thing, and must be there', () =>
  withBroker(async ({ client, bind }) => {
    await client.stream('orders').create()
    const refusal = (target: object) => bind('b', { target }).then(String, (error: { code: string }) => error.code)
    assert.is(await refusal({ stream: 'nope' }), 'stream_not_found')
    assert.is(await refusal({ queue: 'nope' }), 'queue_not_found')
    assert.is(await refusal({ function: 'nope' }), 'function_not_found')
    assert.is(await refusal({ http: 'ftp://example.com' }), 'invalid_field')
    assert.is(await refusal({ stream: 'orders', queue: 'orders' }), 'invalid_field')
  }))

test.run()
