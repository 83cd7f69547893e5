import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeRule } from './rule-fields.ts'

/** All rules of a bus, by name, and how they fare. */
export const listRules: CallOperation = {
  method: 'GET',
  path: '/v1/buses/{bus}/rules',
  run({ buses }, request) {
    const bus = buses.get(nameIn(request.params, 'bus'))
    return { body: { rules: bus.rules().map((record) => describeRule(record, bus.status(record.rule))) } }
  },
}
