import { Fields, nameIn } from '../fields.ts'
import type { StreamOperation } from '../operation.ts'
import { Reading } from './reading.ts'
import { fromIn } from './subscribe.ts'

/** Reads the events of a bus as they come, in frames like those of a stream; see docs/wire.md, "Subscription". */
export const subscribeBus: StreamOperation = {
  method: 'POST',
  path: '/v1/buses/{bus}/subscribe',
  takes: 'body',
  async prepare(broker, request) {
    const { buses, limits } = broker
    const bus = buses.get(nameIn(request.params, 'bus'))
    const fields = new Fields(request.body)
    const from = fromIn(fields)
    const { heartbeatMillisMin: min, heartbeatMillisMax: max } = limits
    const heartbeatMillis = fields.integer('heartbeatMillis', { min, max }) ?? limits.heartbeatMillisDefault
    fields.done()
    broker.requireTaking()
    await buses.ready(bus)
    return (channel) => {
      void new Reading(broker, channel).begin((sink) => buses.subscribe(bus, { from, heartbeatMillis }, sink))
    }
  },
}
