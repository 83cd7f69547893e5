import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { busSettingsIn, describeBus } from './bus-fields.ts'

/** Changes how long a bus keeps its events, or its description; what is left out stays. */
export const updateBus: CallOperation = {
  method: 'PATCH',
  path: '/v1/buses/{bus}',
  async run({ buses, archives, limits }, request) {
    const name = nameIn(request.params, 'bus')
    const fields = new Fields(request.body)
    const settings = busSettingsIn(fields, { min: limits.retentionMillisMin, max: limits.retentionMillisMax })
    fields.done()
    const bus = await buses.change(name, (record) => ({ ...record, ...settings }))
    await archives.settle(name)
    return { body: describeBus(bus) }
  },
}
