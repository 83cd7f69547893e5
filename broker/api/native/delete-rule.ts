import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes a rule, its targets, and what is on its way to them. */
export const deleteRule: CallOperation = {
  method: 'DELETE',
  path: '/v1/buses/{bus}/rules/{rule}',
  async run({ buses }, request) {
    const bus = buses.get(nameIn(request.params, 'bus'))
    const { rule } = bus.rule(nameIn(request.params, 'rule'))
    await buses.rules.delete(bus.name, rule)
    return { status: 204 }
  },
}
