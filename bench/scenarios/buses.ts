import { type BusHandle, type Client, connect } from '../../client/index.ts'
import { type Bench, type Contestant, withCpu } from '../bench.ts'
import { Latency } from '../latency.ts'
import type { RunningMillrace } from '../millrace.ts'
import type { Scenario } from '../scenario.ts'

const ruleCounts = [1, 100, 10_000] as const
/** Events of one call, as PutEvents allows. */
const perCall = 10
/** Clients, each with a connection of its own and one call under way: the library's calls over one connection come one after another. */
const clients = 32
const detailBytes = 200
/** Rules that are made side by side. */
const atOnce = 100
let made = 0

const rate = 'events on disk'
const delay = 'put to acknowledged'

function rulesCase(rules: number): string {
  return `${rules.toLocaleString('en-US')} ${rules === 1 ? 'rule' : 'rules'}, each event matches one and goes to its queue`
}

/** What an event costs by the number of rules that it does not match. */
export const busesScenario: Scenario = {
  name: 'buses',
  about: `events of ${detailBytes} B, ${perCall} a call, to one of 1, 100 and 10,000 rules and its queue`,
  rivals: [],
  targets: [
    {
      what: 'events with 10,000 rules, beside one rule',
      case: rulesCase(10_000),
      metric: rate,
      againstCase: rulesCase(1),
      atLeast: 0.2,
    },
  ],
  async run(bench) {
    await bench.withSystems(async (_systems, millrace) => {
      for (const rules of ruleCounts) {
        await bench.compare(rulesCase(rules), [putting(bench, millrace, bench.size(rules, Math.min(rules, 500)))])
      }
    })
  },
}

function putting(bench: Bench, millrace: RunningMillrace, rules: number): Contestant {
  return {
    name: millrace.name,
    measure: async () => {
      const client = await connect(millrace.server.said)
      const bus = client.bus(`bench-${process.pid}-${made++}`)
      const putters = await Promise.all(Array.from({ length: clients }, () => connect(millrace.server.said)))
      const buses = putters.map((putter) => putter.bus(bus.name))
      try {
        await setUp(client, bus, rules)
        return await withCpu(millrace.server, async () => {
          const latency = new Latency()
          const started = performance.now()
          const events = await putFor(buses, bench.size(3_000, 200), latency)
          const seconds = (performance.now() - started) / 1000
          return [{ metric: rate, unit: 'op/s' as const, value: events / seconds }, ...latency.samples(delay)]
        })
      } finally {
        await Promise.all(putters.map((putter) => putter.close()))
        await tearDown(client, bus, rules)
      }
    },
  }
}

async function setUp(client: Client, bus: BusHandle, rules: number): Promise<void> {
  await bus.create()
  await client.queue(bus.name).create()
  const targets = [{ target: { queue: bus.name } }]
  await inGroups(rules, (i) => bus.putRule(`r${i}`, { pattern: { source: ['bench'], detail: { kind: [i] } }, targets }))
}

async function tearDown(client: Client, bus: BusHandle, rules: number): Promise<void> {
  await inGroups(rules, (i) => bus.deleteRule(`r${i}`))
  await bus.delete()
  await client.queue(bus.name).delete()
  await client.close()
}

async function inGroups(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < count; first += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => work(first + i)))
  }
}

/** Puts events, by all clients at once, for so long; resolves with how many were acknowledged. */
async function putFor(buses: readonly BusHandle[], millis: number, latency: Latency): Promise<number> {
  const detail = { kind: 0, text: 'x'.repeat(detailBytes) }
  const events = Array.from({ length: perCall }, () => ({ source: 'bench', type: 'measured', detail }))
  const end = performance.now() + millis
  let acknowledged = 0
  const work = async (bus: BusHandle) => {
    while (performance.now() < end) {
      const started = performance.now()
      await bus.putAll(events)
      latency.record(performance.now() - started)
      acknowledged += events.length
    }
  }
  await Promise.all(buses.map(work))
  return acknowledged
}
