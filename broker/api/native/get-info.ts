import { ManualClock } from '../../clock.ts'
import type { CallOperation } from '../operation.ts'

/** What this broker is: `{name, version, clock, limits, now}`. */
export const getInfo: CallOperation = {
  method: 'GET',
  path: '/v1',
  run(broker) {
    const clock = broker.clock instanceof ManualClock ? 'manual' : 'real'
    const { strict, version } = broker
    return {
      body: { name: 'millrace', version, clock, limits: strict ? 'strict' : 'relaxed', now: broker.clock.now() },
    }
  },
}
