import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeRule } from './rule-fields.ts'

/** A rule, and how it fares. */
export const getRule: CallOperation = {
  method: 'GET',
  path: '/v1/buses/{bus}/rules/{rule}',
  run({ buses }, request) {
    const bus = buses.get(nameIn(request.params, 'bus'))
    const rule = nameIn(request.params, 'rule')
    return { body: describeRule(bus.rule(rule), bus.status(rule)) }
  },
}
