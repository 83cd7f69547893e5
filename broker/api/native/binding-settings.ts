import type { Limits } from '../../limits.ts'
import type { NewBinding } from '../../modes/bindings.ts'
import type { BindingTarget, StreamSource } from '../../wire/binding.ts'
import { Fields } from '../fields.ts'

const region = 'us-east-1'
const account = '000000000000'

/** Reads a binding from a request. */
export function bindingIn(name: string, fields: Fields, limits: Limits): NewBinding {
  const source = sourceIn(new Fields(fields.required('source', fields.raw('source')), 'source.'), fields)
  const target = fields.required('target', targetIn(fields, 'target'))
  const deadLetter = targetIn(fields, 'deadLetter')
  const filter = (fields.array('filter') ?? []).map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
  const batch = new Fields(fields.raw('batch'), 'batch.')
  const retry = new Fields(fields.raw('retry'), 'retry.')
  const binding = {
    name,
    source,
    filter,
    batch: {
      recordsMax: batch.integer('recordsMax', { min: 1, max: limits.bindingBatchRecordsMax }) ?? 100,
      windowMillis: batch.integer('windowMillis', { min: 0, max: limits.bindingWindowMillisMax }) ?? 0,
      parallel: batch.integer('parallel', { min: 1, max: limits.bindingParallelMax }) ?? 1,
      partial: batch.boolean('partial') ?? false,
    },
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
  batch.done()
  retry.done()
  return binding
}

function sourceIn(source: Fields, fields: Fields): StreamSource {
  const stream = source.required('stream', source.name('stream'))
  const from = source.raw('from') ?? 'latest'
  source.done()
  const arn = `arn:aws:kinesis:${region}:${account}:stream/${stream}`
  if (from === 'horizon' || from === 'latest') return { kind: 'stream', stream, from, arn }
  if (typeof from !== 'object') throw fields.invalid('source.from', 'must be "horizon", "latest" or {time}')
  const each = new Fields(from, 'source.from.')
  const time = each.required('time', each.integer('time', { min: 0, max: Number.MAX_SAFE_INTEGER }))
  each.done()
  return { kind: 'stream', stream, from: { time }, arn }
}

function targetIn(fields: Fields, field: string): BindingTarget | undefined {
  const value = fields.raw(field)
  if (value === undefined) return undefined
  const target = new Fields(value, `${field}.`)
  const name = target.name('function')
  const qualifier = target.string('qualifier')
  const stream = target.name('stream')
  target.done()
  if ((name === undefined) === (stream === undefined))
    throw fields.invalid(field, 'must have either function or stream')
  if (stream !== undefined) return { kind: 'stream', stream }
  return { kind: 'function', function: name as string, ...(qualifier === undefined ? {} : { qualifier }) }
}
