import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** The most one call moves time: 10 years. */
const advanceMillisMax = 10 * 366 * 24 * 60 * 60 * 1000

/**
 * Moves the manual clock on, firing what falls due on the way: `{millis}` → `{now}`.
 * @throws clock_not_manual
 */
export const advanceClock: CallOperation = {
  method: 'POST',
  path: '/v1/clock/advance',
  async run(broker, request) {
    const fields = new Fields(request.body)
    const millis = fields.required('millis', fields.integer('millis', { min: 0, max: advanceMillisMax }))
    fields.done()
    await broker.advance(millis)
    return { body: { now: broker.clock.now() } }
  },
}
