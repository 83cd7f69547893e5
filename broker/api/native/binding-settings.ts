import type { Limits } from '../../limits.ts'
import type { NewBinding } from '../../modes/bindings.ts'
import { Fields } from '../fields.ts'
import { batchIn, sourceIn } from './binding-source.ts'
import { targetIn } from './binding-target.ts'

const region = 'us-east-1'
const account = '000000000000'

/** Reads a binding from a request. */
export function bindingIn(name: string, fields: Fields, limits: Limits): NewBinding {
  const source = sourceIn(fields)
  const target = fields.required('target', targetIn(fields, 'target'))
  const deadLetter = targetIn(fields, 'deadLetter')
  const filter = (fields.array('filter') ?? []).map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  if (source.kind === 'queue') {
    for (const field of ['retry', 'deadLetter']) {
      if (fields.has(field)) throw fields.invalid(field, "is the queue's own: see its visibilityMillis and deadLetter")
    }
  }
  const batch = batchIn(fields, source, limits)
  if (batch.tumblingMillis !== undefined && target.kind !== 'function' && target.kind !== 'http') {
    throw fields.invalid('batch.tumblingMillis', 'needs a function or http as the target: only an answer has a state')
  }
  const retry = new Fields(fields.raw('retry'), 'retry.')
  const binding = {
    name,
    source,
    filter,
    batch,
    target,
    retry: {
      retriesMax: retry.integer('retriesMax', { min: 0, max: limits.bindingRetriesMax }) ?? null,
      ageMillisMax: retry.integer('ageMillisMax', { min: 1_000, max: limits.retentionMillisMax }) ?? null,
      bisect: retry.boolean('bisect') ?? false,
    },
    ...(deadLetter === undefined ? {} : { deadLetter }),
    paused: fields.boolean('paused') ?? false,
    region,
    account,
  }
  retry.done()
  return binding
}
