import * as assert from 'uvu/assert'
import { createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { type Client, connect, MillraceError } from '../../client/index.ts'
import { suite } from '../suite.ts'

const test = suite('client bus')

const ways: Readonly<Record<string, (broker: EmbeddedBroker) => Promise<Client>>> = {
  'in process': (broker) => connect(broker),
  'over HTTP/2': (broker) => connect(broker.url as string),
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof MillraceError ? error.code : `not a MillraceError: ${String(error)}`),
  )
}

const order = (detail: object) => ({ source: 'shop', type: 'order', detail })

for (const [way, open] of Object.entries(ways)) {
  const withClient = (body: (client: Client, faults: unknown[]) => Promise<void>) => async () => {
    const faults: unknown[] = []
    const broker = await createBroker({ memory: true, port: 0, onFault: (error) => faults.push(error) })
    const client = await open(broker)
    try {
      await body(client, faults)
    } finally {
      await client.close()
      await broker.close()
    }
  }

  test(
    `${way}: a bus is created, described, changed, listed and deleted`,
    withClient(async (client) => {
      const bus = client.bus('shop')
      assert.is(await codeOf(bus.describe()), 'bus_not_found')
      const made = await bus.create({ description: 'd', retentionMillis: 5_000 })
      assert.equal([made.name, made.description, made.retentionMillis, made.rules], ['shop', 'd', 5_000, 0])
      assert.is(await codeOf(bus.create()), 'bus_exists')
      assert.equal(await bus.create({ ifMissing: true }), made)
      assert.is((await bus.update({ retentionMillis: 6_000 })).retentionMillis, 6_000)
      assert.equal(
        (await client.buses()).map(({ name }) => name),
        ['default', 'shop'],
      )
      await bus.putRule('r', { pattern: { source: ['x'] } })
      assert.is(await codeOf(bus.delete()), 'bus_kept')
      await bus.deleteRule('r')
      await bus.delete()
      assert.is(await codeOf(client.bus().delete()), 'bus_kept')
    }),
  )

  test(
    `${way}: what is put goes to the targets of rules that match, and whoever subscribes sees it`,
    withClient(async (client) => {
      await client.queue('jobs').create()
      await client.stream('audit').create()
      const bus = client.bus('shop')
      await bus.create()
      const made = await bus.putRule('big', {
        pattern: { detail: { total: [{ numeric: ['>', 10] }] } },
        targets: [
          { target: { queue: 'jobs' }, input: { template: '{"total": <t>}', paths: { t: '$.detail.total' } } },
          { target: { stream: 'audit' }, keyPath: '$.source' },
        ],
      })
      assert.equal(
        made.targets.map(({ id, target }) => [id, target]),
        [
          ['queue-jobs', { queue: 'jobs' }],
          ['stream-audit', { stream: 'audit' }],
        ],
      )
      const events = bus.subscribe({ from: 'horizon', pattern: { detail: { total: [{ exists: true }] } } })
      await bus.putAll([order({ total: 1 }), order({ none: 1 })])
      const { id } = await bus.put({ ...order({ total: 11 }), time: new Date(1_000), resources: ['r'] })
      const seen: unknown[] = []
      for await (const { event } of events) {
        seen.push([event.detail, event.time, event.resources])
        if (event.id === id) break
      }
      assert.equal(seen[1], [{ total: 11 }, '1970-01-01T00:00:01Z', ['r']])
      assert.is(seen.length, 2)
      const message = await client.queue('jobs').receive().next()
      assert.equal(message?.json(), { total: 11 })
      const { records } = await client.stream('audit').read({ shard: 0 })
      assert.equal(
        records.map(({ key }) => key),
        ['"shop"'],
      )
      const page = await bus.read({ limit: 2 })
      assert.equal(
        page.events.map(({ sequence }) => sequence),
        [0, 1],
      )
      assert.equal(
        (await bus.read({ from: page.next })).events.map(({ event }) => event.id),
        [id],
      )
      const [rule] = await bus.rules()
      assert.equal([rule?.matched, rule?.failed], [1, 0])
      assert.equal((await bus.putRule('big', { pattern: { source: ['y'] }, targets: [] })).targets, [])
    }),
  )

  test(
    `${way}: an archive is replayed to the rules that are named, at a rate, with progress`,
    withClient(async (client) => {
      await client.queue('jobs').create()
      const bus = client.bus()
      await bus.putRule('r', { pattern: { source: ['shop'] }, targets: [{ target: { queue: 'jobs' } }] })
      await bus.archive('a', { pattern: { source: ['shop'] } })
      await bus.putAll([order({ n: 1 }), order({ n: 2 })])
      await bus.put({ source: 'else', type: 't' })
      assert.equal(
        (await bus.archives()).map(({ name, events }) => [name, events]),
        [['a', 2]],
      )
      await bus.replay('x', { archive: 'a', rules: ['r'] })
      let replay = await bus.replayed('x')
      while (replay.endedAt === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        replay = await bus.replayed('x')
      }
      assert.equal([replay.state, replay.events, replay.progress], ['COMPLETED', 2, 1])
      assert.is((await client.queue('jobs').describe()).messages.visible, 4)
      assert.is(await codeOf(bus.cancelReplay('x')), 'replay_over')
      await bus.replay('slow', { archive: 'a', perSecond: 1 })
      await bus.cancelReplay('slow').catch(() => undefined)
      assert.equal(
        (await bus.replays()).map(({ name }) => name),
        ['slow', 'x'],
      )
      await bus.deleteArchive('a')
      assert.is(await codeOf(bus.replay('y', { archive: 'a' })), 'archive_not_found')
    }),
  )

  test(
    `${way}: what is wrong is refused, and named`,
    withClient(async (client, faults) => {
      const bus = client.bus()
      assert.is(await codeOf(bus.put({ source: '', type: 't' })), 'invalid_field')
      assert.is(await codeOf(bus.put({ source: 's', type: 't', detail: [1] })), 'event_malformed')
      assert.is(await codeOf(bus.putAll([])), 'invalid_field')
      assert.is(await codeOf(bus.putRule('r', {})), 'invalid_field')
      assert.is(await codeOf(bus.putRule('r', { pattern: { a: [] } })), 'pattern_invalid')
      const target = { queue: 'q' }
      const put = (targets: Parameters<typeof bus.putRule>[1]['targets']) =>
        codeOf(bus.putRule('r', { pattern: { a: ['b'] }, ...(targets && { targets }) }))
      assert.is(await put([{ target, input: { template: '<x>' } }]), 'invalid_field')
      assert.is(await put([{ target, input: { path: 'x' } }]), 'invalid_field')
      assert.is(await put([{ target: { http: 'ftp://x' } }]), 'invalid_field')
      assert.is(await put(Array.from({ length: 6 }, (_, i) => ({ target, id: `${i}` }))), 'limit_exceeded')
      assert.is(await put([{ target, input: { text: 'x'.repeat(8_193) } }]), 'invalid_field')
      assert.is(await codeOf(bus.putRule('r', { pattern: { a: ['x'.repeat(4_096)] } })), 'invalid_field')
      assert.is(await codeOf(bus.rule('none')), 'rule_not_found')
      assert.is(await codeOf(bus.replayed('none')), 'replay_not_found')
      assert.equal(faults, [])
    }),
  )
}

test.run()
