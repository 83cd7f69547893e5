import type { Limits } from '../../limits.ts'
import type { BindingBatch, BindingSource } from '../../wire/binding.ts'
import { Fields } from '../fields.ts'

const region = 'us-east-1'
const account = '000000000000'

/** Reads a source: `{stream, from?}` or `{queue}`. */
export function sourceIn(fields: Fields): BindingSource {
  const source = new Fields(fields.required('source', fields.raw('source')), 'source.')
  const queue = source.name('queue')
  if (queue !== undefined) {
    source.done()
    return { kind: 'queue', queue, arn: `arn:aws:sqs:${region}:${account}:${queue}` }
  }
  const stream = source.name('stream')
  if (stream === undefined) {
    const others = "a topic's ways out are its subscriptions, a bus's the targets of its rules, a schedule has its own"
    for (const kind of ['topic', 'bus', 'schedule']) if (source.has(kind)) throw fields.invalid('source', others)
    throw fields.invalid('source', 'must have stream or queue')
  }
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

/** Reads how batches of a source are made. */
export function batchIn(fields: Fields, { kind }: BindingSource, limits: Limits): BindingBatch {
  const ofQueue = kind === 'queue'
  const batch = new Fields(fields.raw('batch'), 'batch.')
  const parallelMax = ofQueue ? limits.bindingConcurrencyMax : limits.bindingParallelMax
  const settings = {
    recordsMax: batch.integer('recordsMax', { min: 1, max: limits.bindingBatchRecordsMax }) ?? (ofQueue ? 10 : 100),
    windowMillis: batch.integer('windowMillis', { min: 0, max: limits.bindingWindowMillisMax }) ?? 0,
    parallel: batch.integer('parallel', { min: ofQueue ? 0 : 1, max: parallelMax }) ?? (ofQueue ? 0 : 1),
    partial: batch.boolean('partial') ?? false,
  }
  const tumblingMillis = batch.integer('tumblingMillis', { min: 0, max: limits.bindingTumblingMillisMax }) ?? 0
  batch.done()
  if (tumblingMillis === 0) return settings
  if (ofQueue) throw fields.invalid('batch.tumblingMillis', 'is for streams: messages of a queue have no order in time')
  if (settings.parallel > 1) {
    throw fields.invalid('batch.tumblingMillis', 'needs parallel 1: the records of a window share one state')
  }
  return { ...settings, tumblingMillis }
}
