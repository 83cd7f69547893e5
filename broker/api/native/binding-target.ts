import type { Broker } from '../../broker.ts'
import type { BindingTarget } from '../../wire/binding.ts'
import { Fields } from '../fields.ts'

/** Reads a target: `{function, qualifier?}`, `{stream}`, `{queue}`, `{topic}` or `{http: url}`; undefined when the field is not there. */
export function targetIn(fields: Fields, field: string): BindingTarget | undefined {
  const value = fields.raw(field)
  if (value === undefined) return undefined
  const target = new Fields(value, `${field}.`)
  const name = target.name('function')
  const qualifier = target.string('qualifier')
  const stream = target.name('stream')
  const queue = target.name('queue')
  const topic = target.name('topic')
  const url = target.string('http')
  target.done()
  if ([name, stream, queue, topic, url].filter((each) => each !== undefined).length !== 1) {
    throw fields.invalid(field, 'must have one of function, stream, queue, topic and http')
  }
  if (stream !== undefined) return { kind: 'stream', stream }
  if (queue !== undefined) return { kind: 'queue', queue }
  if (topic !== undefined) return { kind: 'topic', topic }
  if (url !== undefined) return { kind: 'http', url: checkedUrl(fields, field, url) }
  return { kind: 'function', function: name as string, ...(qualifier === undefined ? {} : { qualifier }) }
}

function checkedUrl(fields: Fields, field: string, url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw fields.invalid(`${field}.http`, 'must be an http or https URL')
}

/** @throws function_not_found, stream_not_found, queue_not_found, topic_not_found */
export function requireTarget(broker: Broker, target: BindingTarget | undefined): void {
  const { functions, streams, queues, topics } = broker
  if (target?.kind === 'function') functions.resolve({ ...target, name: target.function })
  else if (target?.kind === 'stream') streams.get(target.stream)
  else if (target?.kind === 'queue') queues.get(target.queue)
  else if (target?.kind === 'topic') topics.get(target.topic)
}
