import { appending } from '../append-load.ts'
import type { Scenario } from '../scenario.ts'

/** One record per put(), each awaited by whoever put it, as a service that handles requests does. */
export const appendSingle: Scenario = {
  name: 'append-single',
  about: 'one producer, one record per put(): 1 and 1,000 in flight',
  rivals: ['nats', 'redis-always', 'redis-everysec'],
  targets: [
    {
      what: 'append, one record per put(), 1,000 in flight, beside JetStream',
      case: '128 B, 1,000 in flight',
      metric: 'acknowledged',
      against: 'nats',
      atLeast: 10,
    },
  ],
  async run(bench) {
    await bench.withSystems(async (systems) => {
      for (const bytes of [128, 1024]) {
        for (const inFlight of [1, 1_000]) {
          const load = { bytes, inFlight, burst: 1, millis: bench.size(3_000, 100) }
          const name = `${bytes === 1024 ? '1 KiB' : '128 B'}, ${inFlight.toLocaleString('en-US')} in flight`
          await bench.compare(
            name,
            systems.map((system) => appending(system, load)),
          )
        }
      }
    })
  },
}
