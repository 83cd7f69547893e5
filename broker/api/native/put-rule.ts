import { defaultBusName } from '../../modes/bus-record.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { nativeOwner, patternIn } from './bus-fields.ts'
import { describeRule, ruleTargetIn } from './rule-fields.ts'

const ruleNameMax = 64

/**
 * Makes a rule, or says all of one anew: `{pattern | schedule, enabled?, description?, targets?}`. Targets that are given are all it has then;
 * without them it keeps those it has.
 * @throws bus_not_found, pattern_invalid, invalid_field, limit_exceeded
 */
export const putRule: CallOperation = {
  method: 'PUT',
  path: '/v1/buses/{bus}/rules/{rule}',
  async run({ buses, limits }, request) {
    const bus = buses.get(nameIn(request.params, 'bus'))
    const rule = nameIn(request.params, 'rule')
    const fields = new Fields(request.body)
    if (rule.length > ruleNameMax) throw fields.invalid('rule', `must have at most ${ruleNameMax} characters`)
    const pattern = patternIn(fields, limits.patternBytesMax)
    const schedule = fields.string('schedule')
    const description = fields.string('description')
    const enabled = fields.boolean('enabled') ?? true
    const targets = fields
      .array('targets')
      ?.map((each, i) => ruleTargetIn(each, `targets[${i}].`, limits.targetInputBytesMax))
    fields.done()
    if (pattern === undefined && schedule === undefined) throw fields.invalid('pattern', 'or schedule must be given')
    if (schedule !== undefined && bus.name !== defaultBusName) {
      throw fields.invalid('schedule', `can be had on the bus ${defaultBusName} only`)
    }
    const isNew = bus.findRule(rule) === undefined
    const settings = {
      enabled,
      ...(pattern === undefined ? {} : { pattern }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(description === undefined ? {} : { description }),
    }
    await buses.rules.put(bus.name, rule, settings, nativeOwner)
    if (targets !== undefined) {
      const ids = new Set(targets.map(({ id }) => id))
      const others = bus.rule(rule).targets.filter(({ id }) => !ids.has(id))
      await buses.rules.removeTargets(
        bus.name,
        rule,
        others.map(({ id }) => id),
      )
      await buses.rules.putTargets(bus.name, rule, targets)
    }
    return { status: isNew ? 201 : 200, body: describeRule(bus.rule(rule), bus.status(rule)) }
  },
}
