import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { CreateBrokerOptions } from '../../broker/index.ts'
import type { WindowProgress } from '../../broker/wire/binding.ts'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { type Harness, until, withBroker } from './harness.ts'

const test = suite('tumbling windows')

const lengthMillis = 60_000
const tumbling = { tumblingMillis: lengthMillis, recordsMax: 1 }

/** An event as handlers get it. */
interface Event {
  readonly Records: readonly { readonly kinesis: { readonly data: string; readonly sequenceNumber: string } }[]
  readonly window: { readonly start: string; readonly end: string }
  readonly state: { readonly sum?: number }
  readonly shardId: string
  readonly eventSourceARN: string
  readonly isFinalInvokeForWindow: boolean
  readonly isWindowTerminatedEarly: boolean
}

const numbersIn = ({ Records }: Event) =>
  Records.map(({ kinesis }) => Number(Buffer.from(kinesis.data, 'base64').toString()))

/** What a handler that sums up answers. */
const sumOf = (event: Event) => ({
  state: { sum: numbersIn(event).reduce((sum, each) => sum + each, event.state.sum ?? 0) },
})

async function put(client: Client, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await client.stream('orders').put({ key: 'k', data: `${number}` })
}

/** Runs `body` with a stream, a clock that stands at the beginning of a window, and a handler that notes the events it gets. */
function withWindow(
  handle: (event: Event) => unknown,
  body: (harness: Harness & { readonly events: Event[] }) => Promise<void>,
  options: CreateBrokerOptions = {},
): Promise<void> {
  return withBroker(
    async (harness) => {
      await harness.client.stream('orders').create({ ifMissing: true })
      const events: Event[] = []
      await harness.broker.handle('handler', (event) => {
        events.push(event as Event)
        return handle(event as Event)
      })
      await body({ ...harness, events })
    },
    { clock: 'manual', ...options },
  )
}

/** The last calls of windows: the sums they got. */
const sumsIn = (events: readonly Event[]) =>
  events.filter((event) => event.isFinalInvokeForWindow).map(({ window, state }) => [window.start, state.sum])

test('the state goes from batch to batch; the last call of a window has it and no records; the next begins anew', () =>
  withWindow(sumOf, async ({ broker, client, bind, describe, events }) => {
    await put(client, [1, 2, 3])
    await bind('b', { batch: tumbling })
    await until(() => events.length === 3)
    assert.equal(events.map(numbersIn), [[1], [2], [3]])
    assert.equal(
      events.map(({ state }) => state),
      [{}, { sum: 1 }, { sum: 3 }],
    )
    const { Records, state, ...rest } = events[0] as Event
    assert.is(Records.length, 1)
    assert.equal(rest, {
      window: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z' },
      shardId: 'shardId-000000000000',
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
      isFinalInvokeForWindow: false,
      isWindowTerminatedEarly: false,
    })
    await until(async () => (await describe('b')).lag === 0)
    await until(async () => {
      await broker.advance(1_000)
      return events.length === 4
    })
    const last = events[3] as Event
    assert.equal([last.Records, last.state], [[], { sum: 6 }])
    assert.is(last.isFinalInvokeForWindow, true)
    await put(client, [10])
    await until(() => events.length === 5)
    assert.equal(events[4]?.state, {})
    assert.equal(events[4]?.window, { start: '2026-01-01T00:01:00Z', end: '2026-01-01T00:02:00Z' })
  }))

test('a batch has records of one window, and a record of the next one ends the window before it', () =>
  withWindow(sumOf, async ({ broker, client, bind, events }) => {
    await put(client, [1])
    await broker.advance(lengthMillis)
    await put(client, [2])
    await broker.advance(3 * lengthMillis)
    await put(client, [4])
    await bind('b', { batch: { tumblingMillis: lengthMillis } })
    await until(() => events.length === 5)
    assert.equal(events.map(numbersIn), [[1], [], [2], [], [4]])
    assert.equal(sumsIn(events), [
      ['2026-01-01T00:00:00Z', 1],
      ['2026-01-01T00:01:00Z', 2],
    ])
  }))

test('a batch that fails is tried again with the state it had; an answer may have the state before the record it names', () => {
  let failures = 0
  const handle = (event: Event) => {
    const { Records } = event
    if (numbersIn(event).includes(2) && failures++ === 0) throw new Error('not yet')
    if (failures === 2 && Records.length === 2) {
      const batchItemFailures = [{ itemIdentifier: Records[1]?.kinesis.sequenceNumber }]
      return { ...sumOf({ ...event, Records: Records.slice(0, 1) }), batchItemFailures }
    }
    return sumOf(event)
  }
  return withWindow(handle, async ({ broker, client, bind, events }) => {
    await put(client, [1, 2])
    await bind('b', { batch: { ...tumbling, recordsMax: 2, windowMillis: 1_000, partial: true } })
    const progress = () =>
      client.endpoint.call({ method: 'GET', path: '/v1/bindings/b/windows/0' }) as Promise<WindowProgress>
    await until(async () => {
      await broker.advance(100)
      return (await progress()).next === 2
    })
    assert.equal(events.map(numbersIn), [[1, 2], [1, 2], [2]])
    assert.equal(
      events.map(({ state }) => state),
      [{}, {}, { sum: 1 }],
    )
    const { window } = await progress()
    assert.equal([window?.state, window?.count], [{ sum: 3 }, 2])
  })
})

test('an answer without a state is a failure, since it would forget the window', () =>
  withWindow(
    () => ({}),
    async ({ client, bind, describe, events }) => {
      await put(client, [1])
      await bind('b', { batch: tumbling, retry: { retriesMax: 0 } })
      await until(() => events.length === 1)
      const wanted = 'PROBLEM: Function answered without the state of its window'
      await until(async () => (await describe('b')).status?.lastResult === wanted)
    },
  ))

test('a state of more than 1 MiB ends its window early', () =>
  withWindow(
    ({ state, isFinalInvokeForWindow }) =>
      isFinalInvokeForWindow
        ? null
        : { state: { sum: 1, text: 'x'.repeat(state.sum === undefined ? 600_000 : 1_100_000) } },
    async ({ client, bind, events }) => {
      await put(client, [1, 2, 3])
      await bind('b', { batch: tumbling })
      await until(() => events.length === 4)
      assert.equal(events.map(numbersIn), [[1], [2], [], [3]])
      assert.equal(
        events.map((event) => [event.isFinalInvokeForWindow, event.isWindowTerminatedEarly]),
        [
          [false, false],
          [false, false],
          [true, true],
          [false, false],
        ],
      )
      assert.equal(events[3]?.state, {})
    },
  ))

test('a shard that is closed ends its window; its children begin their own', () =>
  withWindow(sumOf, async ({ client, bind, events }) => {
    await put(client, [1, 2])
    await client.stream('orders').split(0)
    await put(client, [4])
    await bind('b', { batch: tumbling })
    await until(() => events.length === 4)
    assert.equal(events.map(numbersIn), [[1], [2], [], [4]])
    assert.equal(sumsIn(events), [['2026-01-01T00:00:00Z', 3]])
    assert.ok(events[3]?.shardId !== events[0]?.shardId)
    assert.equal(events[3]?.state, {})
  }))

test('a last call that failed too often is given up, and the dead letter names all records of the window', () =>
  withWindow(
    (event) => {
      if (event.isFinalInvokeForWindow) throw new Error('never')
      return sumOf(event)
    },
    async ({ broker, client, bind, events }) => {
      await client.stream('failed').create()
      await put(client, [1, 2, 3])
      await bind('b', { batch: tumbling, retry: { retriesMax: 1 }, deadLetter: { stream: 'failed' } })
      await until(() => events.length === 3)
      const letters = async () => (await client.stream('failed').read({ shard: 0 })).records
      await until(async () => {
        await broker.advance(1_000)
        return (await letters()).length === 1
      })
      const letter = (await letters())[0]?.json<Record<string, Record<string, unknown>>>()
      assert.is(letter?.['requestContext']?.['condition'], 'RetryAttemptsExhausted')
      assert.is(letter?.['requestContext']?.['approximateInvokeCount'], 2)
      assert.is(letter?.['KinesisBatchInfo']?.['batchSize'], 3)
      await put(client, [4])
      await until(() => numbersIn(events.at(-1) as Event)[0] === 4)
    },
  ))

test('a window survives a restart with its state, and is forgotten with its binding', async () => {
  const data = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  const onDisk = { memory: false, data }
  try {
    await withWindow(
      sumOf,
      async ({ client, bind, describe, events }) => {
        await put(client, [1, 2])
        await bind('b', { batch: tumbling })
        await until(() => events.length === 2)
        await until(async () => (await describe('b')).lag === 0)
      },
      onDisk,
    )
    await withWindow(
      sumOf,
      async ({ client, events }) => {
        await put(client, [3])
        await until(() => events.length === 1)
        assert.equal(events[0]?.state, { sum: 3 })
        await client.endpoint.call({ method: 'DELETE', path: '/v1/bindings/b' })
        const left = client.endpoint.call({ method: 'GET', path: '/v1/bindings/b/windows/0' })
        assert.is(await left.catch((error: { code: string }) => error.code), 'binding_not_found')
      },
      onDisk,
    )
    await withWindow(
      sumOf,
      async ({ client, bind, events }) => {
        await bind('b', { batch: tumbling })
        await until(() => events.length === 3)
        assert.equal(
          events.map(({ state }) => state),
          [{}, { sum: 1 }, { sum: 3 }],
        )
        await client.endpoint.call({ method: 'DELETE', path: '/v1/bindings/b' })
      },
      onDisk,
    )
  } finally {
    await rm(data, { recursive: true, force: true })
  }
})

test('windows are refused where there can be none', () =>
  withWindow(sumOf, async ({ client, bind }) => {
    const refusal = (settings: object) =>
      bind('b', settings).then(
        () => 'none',
        (error: Error) => error.message,
      )
    await client.queue('jobs').create()
    assert.match(await refusal({ source: { queue: 'jobs' }, batch: tumbling }), /is for streams/)
    assert.match(await refusal({ batch: { ...tumbling, parallel: 2 } }), /needs parallel 1/)
    assert.match(await refusal({ target: { queue: 'jobs' }, batch: tumbling }), /only an answer has a state/)
    await bind('b', { batch: tumbling })
    const state = 'x'.repeat(2 * 1024 * 1024)
    const mark = { sequence: 0, time: 0 }
    const body = { next: 1, window: { start: 0, end: 1, state, first: mark, last: mark, count: 1 } }
    const kept = client.endpoint.call({ method: 'PUT', path: '/v1/bindings/b/windows/0', body }) as Promise<string>
    assert.match(await kept.catch((error: Error) => error.message), /window.state must have at most/)
  }))

test.run()
