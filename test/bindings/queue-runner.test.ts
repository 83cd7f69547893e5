import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import type { MillraceError } from '../../broker/wire/errors.ts'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { type Harness, numbers, until, withBroker } from './harness.ts'

const test = suite('bindings of queues')

interface SqsRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<Record<string, object>>
  readonly md5OfBody: string
  readonly md5OfMessageAttributes?: string
  readonly eventSource: string
  readonly eventSourceARN: string
  readonly awsRegion: string
}

const recordsOf = (event: unknown) => (event as { Records: readonly SqsRecord[] }).Records
const bodiesOf = (event: unknown) => recordsOf(event).map(({ body }) => body)
const ofQueue = (settings: object = {}) => ({ source: { queue: 'jobs' }, ...settings })

async function send(client: Client, texts: readonly string[], group?: string): Promise<void> {
  const queue = client.queue('jobs')
  for (const text of texts) {
    await queue.send({ data: text, ...(group === undefined ? {} : { group, deduplicationId: `${group} ${text}` }) })
  }
}

async function countOf({ client }: Harness): Promise<number> {
  const { messages } = await client.queue('jobs').describe()
  return messages.visible + messages.inFlight
}

test('messages reach the handler as SQS events, and are deleted when it is done', () =>
  withBroker(async (harness) => {
    const { broker, client, bind, describe } = harness
    await client.queue('jobs').create()
    const seen: SqsRecord[] = []
    await broker.handle('handler', (event) => void seen.push(...recordsOf(event)))
    await bind('b', ofQueue())
    const attributes = { kind: 'a', bytes: { type: 'Binary', value: Uint8Array.of(1, 2) } }
    const { id } = await client.queue('jobs').send({ data: 'hello', attributes, trace: 'Root=1' })
    await until(() => seen.length === 1)
    const [record] = seen as [SqsRecord]
    assert.is(record.messageId, id)
    assert.is(record.body, 'hello')
    assert.is(record.md5OfBody, createHash('md5').update('hello').digest('hex'))
    assert.match(record.md5OfMessageAttributes ?? '', /^[0-9a-f]{32}$/)
    assert.equal(record.messageAttributes, {
      kind: { stringValue: 'a', stringListValues: [], binaryListValues: [], dataType: 'String' },
      bytes: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
    })
    assert.equal(
      [
        record.attributes['ApproximateReceiveCount'],
        record.attributes['AWSTraceHeader'],
        record.attributes['SenderId'],
      ],
      ['1', 'Root=1', '000000000000'],
    )
    assert.equal(
      [record.eventSource, record.eventSourceARN, record.awsRegion],
      ['aws:sqs', 'arn:aws:sqs:us-east-1:000000000000:jobs', 'us-east-1'],
    )
    await until(async () => (await countOf(harness)) === 0)
    await until(async () => (await describe('b')).status?.lastResult === 'OK')
    assert.is((await describe('b')).lag, 0)
  }))

test('batches are no larger than asked for, and no more at once', () =>
  withBroker(async (harness) => {
    const { broker, client, bind } = harness
    await client.queue('jobs').create()
    const batches: string[][] = []
    let running = 0
    let most = 0
    await broker.handle('handler', async (event) => {
      most = Math.max(most, ++running)
      batches.push(bodiesOf(event))
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
    })
    await send(client, numbers(25))
    await bind('b', ofQueue({ batch: { recordsMax: 4, parallel: 2 } }))
    await until(async () => (await countOf(harness)) === 0)
    assert.equal(batches.flat().sort(), numbers(25).sort())
    assert.ok(batches.every((batch) => batch.length <= 4))
    assert.is(most, 2)
  }))

test('a window gathers what comes while it is open', () =>
  withBroker(
    async ({ broker, client, bind }) => {
      await client.queue('jobs').create()
      const batches: string[][] = []
      await broker.handle('handler', (event) => void batches.push(bodiesOf(event)))
      await bind('b', ofQueue({ batch: { windowMillis: 5_000 } }))
      const inFlight = async () => (await client.queue('jobs').describe()).messages.inFlight
      for (const text of numbers(3)) await send(client, [text])
      await until(async () => (await inFlight()) === 3)
      assert.equal(batches, [])
      await broker.advance(5_000)
      await until(() => batches.length > 0)
      assert.equal(batches, [numbers(3)])
    },
    { clock: 'manual' },
  ))

test('a batch that fails comes again after its visibility timeout, and goes to the dead letter queue after that', () =>
  withBroker(
    async ({ broker, client, bind, describe }) => {
      await client.queue('dead').create()
      await client.queue('jobs').create({ visibilityMillis: 30_000, deadLetter: { queue: 'dead', maxReceives: 2 } })
      const counts: string[] = []
      await broker.handle('handler', (event) => {
        counts.push(recordsOf(event)[0]?.attributes['ApproximateReceiveCount'] ?? '')
        throw new Error('never')
      })
      await bind('b', ofQueue())
      await send(client, ['bad'])
      const failed = async () => /Error/.test((await describe('b')).status?.lastError ?? '')
      await until(failed)
      await broker.advance(29_000)
      assert.equal(counts, ['1'])
      await broker.advance(1_000)
      await until(() => counts.length === 2)
      assert.equal(counts, ['1', '2'])
      const dead = async () => (await client.queue('dead').describe()).messages.visible
      await until(async () => {
        await broker.advance(30_000)
        return (await dead()) === 1
      })
      assert.equal(counts, ['1', '2'])
    },
    { clock: 'manual' },
  ))

test('what is handled for longer than its visibility timeout does not come again meanwhile', () =>
  withBroker(
    async (harness) => {
      const { broker, client, bind } = harness
      await client.queue('jobs').create({ visibilityMillis: 3_000 })
      let calls = 0
      let finish: () => void = () => undefined
      await broker.handle('handler', () => {
        calls++
        return new Promise<void>((resolve) => {
          finish = resolve
        })
      })
      await bind('b', ofQueue())
      await send(client, ['slow'])
      await until(() => calls === 1)
      for (let i = 0; i < 10; i++) {
        await broker.advance(1_000)
        // What was hidden anew is so once that is written.
        assert.is((await client.queue('jobs').describe()).messages.inFlight, 1)
      }
      finish()
      await until(async () => (await countOf(harness)) === 0)
      assert.is(calls, 1)
    },
    { clock: 'manual' },
  ))

test('partial failures: those named come again, the others are gone', () =>
  withBroker(
    async (harness) => {
      const { broker, client, bind } = harness
      await client.queue('jobs').create()
      const batches: string[][] = []
      await broker.handle('handler', (event) => {
        batches.push(bodiesOf(event))
        if (batches.length > 1) return null
        const failed = recordsOf(event).filter(({ body }) => body === '1')
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
      })
      await send(client, numbers(3))
      await bind('b', ofQueue({ batch: { partial: true } }))
      await until(async () => (await countOf(harness)) === 1)
      await broker.advance(30_000)
      await until(async () => (await countOf(harness)) === 0)
      assert.equal(batches, [numbers(3), ['1']])
    },
    { clock: 'manual' },
  ))

test('an answer that names a message nobody knows fails the whole batch', () =>
  withBroker(async (harness) => {
    const { broker, client, bind, describe } = harness
    await client.queue('jobs').create()
    await broker.handle('handler', () => ({ batchItemFailures: [{ itemIdentifier: 'unknown' }] }))
    await send(client, numbers(3))
    await bind('b', ofQueue({ batch: { partial: true } }))
    await until(async () => /cannot be understood/.test((await describe('b')).status?.lastResult ?? ''))
    assert.is(await countOf(harness), 3)
  }))

test('what the filter does not want is deleted unseen', () =>
  withBroker(async (harness) => {
    const { broker, client, bind } = harness
    await client.queue('jobs').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => void seen.push(...bodiesOf(event)))
    await send(client, ['{"n":1}', '{"n":2}', 'text'])
    await bind('b', ofQueue({ filter: [{ body: { n: [2] } }] }))
    await until(async () => (await countOf(harness)) === 0)
    assert.equal(seen, ['{"n":2}'])
  }))

test('FIFO: the messages of a group are handled in order, others go on while one fails', () =>
  withBroker(
    async (harness) => {
      const { broker, client, bind } = harness
      await client.queue('jobs').create({ fifo: true })
      const seen: string[] = []
      let failures = 0
      await broker.handle('handler', (event) => {
        const bodies = bodiesOf(event)
        if (bodies.includes('a0') && failures++ < 1) throw new Error('not yet')
        seen.push(...bodies)
      })
      for (const group of ['a', 'b']) {
        await send(
          client,
          numbers(4).map((each) => group + each),
          group,
        )
      }
      await bind('b', ofQueue({ batch: { recordsMax: 2 } }))
      await until(async () => (await countOf(harness)) === 4)
      assert.equal(seen, ['b0', 'b1', 'b2', 'b3'])
      await broker.advance(30_000)
      await until(async () => (await countOf(harness)) === 0)
      assert.equal(seen.slice(4), ['a0', 'a1', 'a2', 'a3'])
    },
    { clock: 'manual' },
  ))

test('more than an event holds becomes several', () =>
  withBroker(async (harness) => {
    const { broker, client, bind } = harness
    await client.queue('jobs').create()
    const sizes: number[] = []
    await broker.handle('handler', (event) => void sizes.push(bodiesOf(event).length))
    await send(client, Array(8).fill('x'.repeat(1_000_000)))
    await bind('b', ofQueue())
    await until(async () => (await countOf(harness)) === 0)
    assert.equal(sizes, [6, 2])
  }))

test('pausing leaves messages in the queue; a queue that is gone is told of, and taken up when it is back', () =>
  withBroker(async (harness) => {
    const { broker, client, bind, describe } = harness
    await client.queue('jobs').create()
    const seen: string[] = []
    await broker.handle('handler', (event) => void seen.push(...bodiesOf(event)))
    await bind('b', ofQueue())
    await client.endpoint.call({ method: 'PATCH', path: '/v1/bindings/b', body: { paused: true } })
    await send(client, ['later'])
    assert.is((await describe('b')).lag, 1)
    await client.endpoint.call({ method: 'PATCH', path: '/v1/bindings/b', body: { paused: false } })
    await until(() => seen.length === 1)
    await client.queue('jobs').delete()
    await until(async () => /queue/.test((await describe('b')).status?.lastError ?? ''))
    assert.is((await describe('b')).lag, 0)
    await client.queue('jobs').create()
    const messages = [{ text: 'again' }]
    await client.endpoint.call({ method: 'POST', path: '/v1/queues/jobs/messages', body: { messages } })
    await until(() => seen.length === 2)
  }))

test('what belongs to the queue is refused in a binding of it', () =>
  withBroker(async ({ client, broker, bind }) => {
    await client.queue('jobs').create()
    await broker.handle('handler', () => null)
    const refusal = (settings: object) => bind('b', settings).then(String, (error: MillraceError) => error.code)
    assert.is(await refusal(ofQueue({ retry: { retriesMax: 1 } })), 'invalid_field')
    assert.is(await refusal({ source: { queue: 'nope' } }), 'queue_not_found')
    assert.is(await refusal({ source: { queue: 'jobs', stream: 'jobs' } }), 'invalid_field')
    assert.is(await refusal({ source: {} }), 'invalid_field')
  }))

test.run()
