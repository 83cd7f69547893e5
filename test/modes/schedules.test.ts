import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { ManualClock } from '../../broker/clock.ts'
import type { Client } from '../../client/index.ts'
import { suite } from '../suite.ts'
import { run, SetClock, textsIn, until, withData, withSchedules } from './schedule-harness.ts'

const test = suite('schedules')

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const time = '<aws.scheduler.scheduled-time>'

/** A schedule whose messages are the times they stand for. */
const toQueue = { target: { queue: 'q' }, input: time } as const

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: { code: string }) => error.code,
  )
}

test('400 days of a daily cron come at nine by the clocks of three zones', () =>
  withSchedules(
    '2026-01-01T00:00:00Z',
    async ({ main, client }) => {
      const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata']
      for (const [i, timeZone] of zones.entries()) {
        await client.stream(`s${i}`).create({ retentionMillis: 500 * day })
        await client
          .schedule(`daily${i}`)
          .set('cron(0 9 * * ? *)', { target: { stream: `s${i}` }, input: time, timeZone })
      }
      await main.broker.advance(400 * day)
      for (const [i, timeZone] of zones.entries()) {
        const { records } = await main.broker.streams
          .get(`s${i}`)
          .read(0, 'horizon', { recordsMax: 1_000, bytesMax: 1_000_000 })
        const times = records.map(({ data }) => Buffer.from(data).toString())
        assert.is(new Set(times).size, 400)
        const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
        assert.equal([...new Set(times.map((each) => format.format(new Date(each))))], ['09:00'])
        assert.equal(times, [...times].sort())
      }
    },
    { limits: { retentionMillisMax: 500 * day, retentionPassMillis: day } },
  ))

test('a rate fires at once and then each time it has passed; a cron on time; at() once', () =>
  withSchedules('2026-01-01T00:00:30Z', async ({ main, client, faults }) => {
    for (const name of ['rate', 'cron', 'at']) await client.queue(name).create()
    await client.schedule('rate').set('rate(10 minutes)', { target: { queue: 'rate' }, input: time })
    await client.schedule('cron').set('cron(0/30 * * * ? *)', { target: { queue: 'cron' }, input: time })
    const once = await client.schedule('at').set('at(2026-01-01T00:45:10)', { target: { queue: 'at' }, input: time })
    assert.equal(once.next, [Date.parse('2026-01-01T00:45:10Z')])
    await main.broker.advance(0)
    assert.equal(await textsIn(client, 'rate'), ['2026-01-01T00:00:30Z'])
    await main.broker.advance(hour)
    assert.equal((await textsIn(client, 'rate')).slice(0, 3), [
      '2026-01-01T00:00:30Z',
      '2026-01-01T00:10:30Z',
      '2026-01-01T00:20:30Z',
    ])
    assert.is((await textsIn(client, 'rate')).length, 7)
    assert.equal(await textsIn(client, 'cron'), ['2026-01-01T00:30:00Z', '2026-01-01T01:00:00Z'])
    assert.equal(await textsIn(client, 'at'), ['2026-01-01T00:45:10Z'])
    const done = await client.schedule('at').describe()
    assert.equal([done.next, done.last], [[], Date.parse('2026-01-01T00:45:10Z')])
    assert.equal(faults, [])
  }))

test('start and end bound what repeats; a rate counts from its start', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('q').create()
    await client.queue('cron').create()
    const bounds = { start: Date.parse('2026-01-01T01:05:00Z'), end: Date.parse('2026-01-01T02:05:00Z') }
    await client.schedule('a').set('rate(30 minutes)', { ...toQueue, ...bounds })
    await client.schedule('b').set('cron(0/15 * * * ? *)', { target: { queue: 'cron' }, input: time, ...bounds })
    await main.broker.advance(5 * hour)
    assert.equal(await textsIn(client, 'q'), ['2026-01-01T01:05:00Z', '2026-01-01T01:35:00Z', '2026-01-01T02:05:00Z'])
    assert.equal(await textsIn(client, 'cron'), [
      '2026-01-01T01:15:00Z',
      '2026-01-01T01:30:00Z',
      '2026-01-01T01:45:00Z',
      '2026-01-01T02:00:00Z',
    ])
    assert.is(await refusal(client.schedule('c').set('rate(1 day)', { ...toQueue, start: 2, end: 1 })), 'invalid_field')
  }))

test('what has fired for the last time is deleted where that was asked for, and only then', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('q').create()
    await client.schedule('once').set('at(2026-01-01T00:30:00)', { ...toQueue, deleteAfter: true })
    await client.schedule('kept').set('at(2026-01-01T00:30:00)', toQueue)
    const end = Date.parse('2026-01-01T02:00:00Z')
    await client.schedule('some').set('rate(1 hour)', { ...toQueue, end, deleteAfter: true })
    await main.broker.advance(hour)
    assert.equal(
      (await client.schedules()).map(({ name }) => name),
      ['kept', 'some'],
    )
    await main.broker.advance(hour)
    assert.equal(
      (await client.schedules()).map(({ name }) => name),
      ['kept'],
    )
    assert.is((await textsIn(client, 'q')).length, 5)
  }))

test('a paused schedule is silent, and makes up for nothing when it goes on', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('q').create()
    const schedule = client.schedule('s')
    await schedule.set('cron(0 * * * ? *)', toQueue)
    await main.broker.advance(hour)
    assert.equal((await schedule.pause()).next, [])
    await main.broker.advance(5 * hour + minute)
    assert.is((await schedule.resume()).next[0], Date.parse('2026-01-01T07:00:00Z'))
    await main.broker.advance(hour)
    assert.equal(await textsIn(client, 'q'), ['2026-01-01T01:00:00Z', '2026-01-01T07:00:00Z'])
  }))

test('a window spreads firings over it, the same way each time it is asked', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('q').create()
    const names = Array.from({ length: 60 }, (_, i) => `s${i}`)
    for (const name of names) {
      await client.schedule(name).set('at(2026-01-01T01:00:00)', { ...toQueue, windowMillis: 10 * minute })
    }
    await main.broker.advance(hour - 1)
    assert.equal(await textsIn(client, 'q'), [])
    const counts: number[] = []
    for (let i = 0; i < 10; i++) {
      await main.broker.advance(minute)
      counts.push((await textsIn(client, 'q')).length)
    }
    await main.broker.advance(1)
    assert.is((await textsIn(client, 'q')).length, 60)
    assert.ok(new Set(counts).size >= 8, `${counts}`)
  }))

/** The lives of one broker, whose clock goes on between them. */
function lives(data: string, clock: ManualClock) {
  return (body: (client: Client, advance: (millis: number) => Promise<void>) => Promise<void>) =>
    run({ data, clock }, ({ client, main }) => body(client, (millis) => main.broker.advance(millis)))
}

test('of what was missed while the broker was down the last instant fires, once, when it is back', () =>
  withData(async (data) => {
    const clock = new ManualClock(Date.parse('2026-01-01T00:30:00Z'))
    const live = lives(data, clock)
    await live(async (client, advance) => {
      for (const queue of ['cron', 'rate', 'at', 'aged']) await client.queue(queue).create()
      const input = time
      await client.schedule('cron').set('cron(0 * * * ? *)', { target: { queue: 'cron' }, input })
      await client.schedule('rate').set('rate(20 minutes)', { target: { queue: 'rate' }, input })
      await client.schedule('at').set('at(2026-01-01T03:10:00)', { target: { queue: 'at' }, input })
      const retry = { ageMillisMax: minute }
      await client.schedule('aged').set('cron(0 * * * ? *)', { target: { queue: 'aged' }, input, retry })
      await advance(hour)
    })
    await clock.advance(4 * hour)
    await live(async (client, advance) => {
      await advance(0)
      assert.equal(await textsIn(client, 'cron'), ['2026-01-01T01:00:00Z', '2026-01-01T05:00:00Z'])
      assert.equal((await textsIn(client, 'rate')).slice(-2), ['2026-01-01T01:30:00Z', '2026-01-01T05:30:00Z'])
      assert.equal(await textsIn(client, 'at'), ['2026-01-01T03:10:00Z'])
      // Half an hour late is too late for this one.
      assert.equal(await textsIn(client, 'aged'), ['2026-01-01T01:00:00Z'])
    })
    // Again, at the same instant: nothing comes twice.
    await live(async (client, advance) => {
      await advance(29 * minute)
      assert.is((await textsIn(client, 'cron')).length, 2)
      assert.is((await textsIn(client, 'at')).length, 1)
      await advance(minute)
      assert.is((await textsIn(client, 'cron')).length, 3)
      assert.equal((await textsIn(client, 'aged')).slice(1), ['2026-01-01T06:00:00Z'])
    })
  }))

test('a schedule that was deleted and made again fires as a new one, also after a restart', () =>
  withData(async (data) => {
    const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'))
    const live = lives(data, clock)
    await live(async (client, advance) => {
      await client.queue('q').create()
      await client.schedule('s').set('at(2026-01-01T01:00:00)', toQueue)
      await advance(hour)
      await client.schedule('s').delete()
      await advance(1)
      await client.schedule('s').set('at(2026-01-01T01:00:00)', toQueue)
      await advance(0)
      assert.is((await textsIn(client, 'q')).length, 2)
    })
    await live(async (client, advance) => {
      await advance(day)
      assert.is((await textsIn(client, 'q')).length, 2)
      assert.is((await client.schedule('s').describe()).last, Date.parse('2026-01-01T01:00:00Z'))
    })
  }))

test('a clock that is set forward makes it fire within seconds; one that is set back makes nothing come twice', async () => {
  const running = new ManualClock(Date.parse('2026-01-01T00:10:00Z'))
  const clock = new SetClock(running)
  const parts = { wall: running }
  await run(
    { memory: true, clock },
    async ({ client, main }) => {
      const settled = () => main.broker.timetable.idle()
      await client.queue('q').create()
      await client.schedule('s').set('cron(0 * * * ? *)', toQueue)
      clock.shift = 2 * hour
      await running.advance(5_000)
      await settled()
      assert.equal(await textsIn(client, 'q'), ['2026-01-01T02:00:00Z'])
      clock.shift = 0
      await running.advance(2 * hour)
      await settled()
      assert.equal(await textsIn(client, 'q'), ['2026-01-01T02:00:00Z'])
      await running.advance(hour)
      await settled()
      assert.equal(await textsIn(client, 'q'), ['2026-01-01T02:00:00Z', '2026-01-01T03:00:00Z'])
    },
    parts,
  )
})

test('what cannot be published goes to the dead letter queue, and says why', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client, faults }) => {
    await client.queue('dead').create()
    await client.schedule('s').set('at(2026-01-01T01:00:00)', { ...toQueue, deadLetter: { queue: 'dead' } })
    await client.schedule('silent').set('at(2026-01-01T01:00:00)', toQueue)
    await main.broker.advance(hour)
    const { messages } = await client.queue('dead').peek({ limit: 10 })
    const [letter] = messages
    assert.is(Buffer.from(letter?.data ?? '').toString(), '2026-01-01T01:00:00Z')
    const attributes = Object.entries(letter?.attributes ?? {}).map(([name, { value }]) => [name, value])
    const { EXECUTION_ID: id, ...rest } = Object.fromEntries(attributes) as Record<string, string>
    assert.match(id ?? '', /^[0-9a-f-]{36}$/)
    assert.equal(rest, {
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'There is no queue q.',
      RETRY_ATTEMPTS: '0',
      SCHEDULE_ARN: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/s',
      TARGET_ARN: 'arn:aws:sqs:us-east-1:000000000000:q',
    })
    // Both are told of, and neither comes again.
    assert.is(faults.length, 2)
    assert.match((await client.schedule('silent').describe()).lastError ?? '', 'queue_not_found')
    await main.broker.advance(day)
    assert.is((await textsIn(client, 'dead')).length, 1)
  }))

test('a FIFO queue gets each firing once, in its group; a stream under its key', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('f.fifo').create()
    await client.stream('s').create()
    const input = { job: 1 }
    await client.schedule('fifo').set('rate(1 minute)', { target: { queue: 'f.fifo', messageGroup: 'g' }, input })
    await client.schedule('stream').set('rate(1 minute)', { target: { stream: 's' }, input })
    await main.broker.advance(2 * minute)
    assert.equal(await textsIn(client, 'f.fifo'), ['{"job":1}', '{"job":1}', '{"job":1}'])
    const { records } = await client.stream('s').read({ shard: 0, limit: 10 })
    assert.equal(
      records.map((record) => [record.key, record.text()]),
      Array(3).fill(['stream', '{"job":1}']),
    )
  }))

test('an endpoint gets a request; what it keeps refusing goes to the dead letter queue', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('dead').create()
    const requests: string[] = []
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
      response.writeHead(request.url === '/good' ? 200 : 500).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const at = 'at(2026-01-01T01:00:00)'
    const deadLetter = { queue: 'dead' }
    await client.schedule('good').set(at, { target: { http: `${url}/good` }, input: time, deadLetter })
    const retry = { retriesMax: 1 }
    await client.schedule('bad').set(at, { target: { http: `${url}/bad` }, input: time, deadLetter, retry })
    await main.broker.advance(hour)
    await until(async () => {
      await main.broker.advance(500)
      return (await textsIn(client, 'dead')).length === 1
    })
    const post = (path: string) => `POST ${path} application/json`
    assert.equal(requests.sort(), [post('/bad'), post('/bad'), post('/good')])
    const [letter] = (await client.queue('dead').peek({ limit: 10 })).messages
    const told = Object.fromEntries(Object.entries(letter?.attributes ?? {}).map(([name, { value }]) => [name, value]))
    assert.equal(
      [told['ERROR_CODE'], told['EXHAUSTED_RETRY_CONDITION'], told['RETRY_ATTEMPTS'], told['SCHEDULE_ARN']],
      ['500', 'MaximumRetryAttempts', '1', 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/bad'],
    )
    await new Promise((resolve) => server.close(resolve))
  }))

test('groups hold schedules of the same names, and go with all they hold', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    await client.queue('q').create()
    const group = (method: 'PUT' | 'DELETE', name: string) =>
      client.endpoint.call({ method, path: `/v1/schedule-groups/${name}` })
    await group('PUT', 'g')
    assert.is(await refusal(group('PUT', 'g')), 'schedule_group_exists')
    assert.is(await refusal(client.schedule('s', 'none').set('rate(1 day)', toQueue)), 'schedule_group_not_found')
    await client.schedule('s', 'g').set('cron(0 * * * ? *)', toQueue)
    await client.schedule('s').set('cron(0 * * * ? *)', toQueue)
    assert.equal(
      (await client.schedules('g')).map(({ arn }) => arn),
      ['arn:aws:scheduler:us-east-1:000000000000:schedule/g/s'],
    )
    assert.is(await refusal(group('DELETE', 'default')), 'schedule_group_default')
    await group('DELETE', 'g')
    await main.broker.advance(hour)
    assert.is((await textsIn(client, 'q')).length, 1)
    assert.is(await refusal(client.schedules('g')), 'schedule_group_not_found')
  }))

test('what cannot be is refused at once', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ client }) => {
    const set = (expression: string, more: object = {}) =>
      refusal(client.schedule('s').set(expression, { ...toQueue, ...more }))
    assert.is(await set('cron(0 0 * * * *)'), 'schedule_invalid')
    assert.is(await set('rate(1 day)', { timeZone: 'Mars/Olympus' }), 'time_zone_unknown')
    assert.is(await set('at(2026-03-29T02:30:00)', { timeZone: 'Europe/Berlin' }), 'schedule_invalid')
    assert.is(await set('at(2026-03-29T02:30:00)', { timeZone: 'Europe/Berlin', paused: true }), 'no error')
    assert.is(await set('rate(1 day)', { target: { teapot: 'x' } }), 'invalid_field')
    assert.is(await set('rate(1 day)', { target: { http: 'ftp://x' } }), 'schedule_target')
    assert.is(await set('rate(1 day)', { input: 'x'.repeat(256 * 1024 + 1) }), 'invalid_field')
    assert.is(await set('rate(1 day)', { windowMillis: day + 1 }), 'invalid_field')
    assert.is(await refusal(client.schedule('none').describe()), 'schedule_not_found')
    assert.is(await refusal(client.schedule('none').delete()), 'schedule_not_found')
  }))

test('20,000 schedules fire, each at its own minute', () =>
  withSchedules('2026-01-01T00:00:00Z', async ({ main, client }) => {
    const { schedules, streams } = main.broker
    await client.stream('s').create()
    const all = 20_000
    const settings = (i: number) => ({
      group: 'default',
      name: `s${i}`,
      expression: `cron(${i % 60} 1 * * ? *)`,
      timeZone: 'UTC',
      windowMillis: 0,
      paused: false,
      deleteAfter: false,
      target: {
        arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
        partitionKey: 'k',
        input: `${i} ${time}`,
        retriesMax: 0,
        ageMillisMax: hour,
      },
      region: 'us-east-1',
      account: '000000000000',
    })
    await Promise.all(Array.from({ length: all }, (_, i) => schedules.create(settings(i))))
    assert.is(schedules.size, all)
    await main.broker.advance(2 * hour)
    const seen = new Set<number>()
    const stream = streams.get('s')
    let next: 'horizon' | { sequence: number } = 'horizon'
    while (seen.size < all) {
      const page: Awaited<ReturnType<typeof stream.read>> = await stream.read(0, next, {
        recordsMax: 10_000,
        bytesMax: 10_000_000,
      })
      if (page.records.length === 0) break
      for (const { data } of page.records) {
        const [i = '', at = ''] = Buffer.from(data).toString().split(' ')
        assert.is(new Date(at).getUTCMinutes(), Number(i) % 60)
        assert.not(seen.has(Number(i)), `${i} came twice`)
        seen.add(Number(i))
      }
      next = { sequence: page.next }
    }
    assert.is(seen.size, all)
  }))

test.run()
