import type { Broker } from '../../broker.ts'
import type { BindingTarget } from '../../wire/binding.ts'
import { Fields } from '../fields.ts'
import { socketApiOf } from './socket-description.ts'

type Kind = BindingTarget['kind']

/** How each kind of target is read, by the member that names one; what that member holds is `name`. */
const readers: { readonly [K in Kind]: (target: Fields, name: string) => Extract<BindingTarget, { kind: K }> } = {
  function: (target, name) => ({
    kind: 'function',
    function: name,
    ...given({ qualifier: target.string('qualifier') }),
  }),
  stream: (_, stream) => ({ kind: 'stream', stream }),
  queue: (_, queue) => ({ kind: 'queue', queue }),
  topic: (_, topic) => ({ kind: 'topic', topic }),
  bus(target, bus) {
    const [source, detailType] = [filled(target, 'source'), filled(target, 'detailType')]
    return { kind: 'bus', bus, ...given({ source, detailType }) }
  },
  sockets(target, api) {
    const to = target.string('to') ?? 'all'
    if (to !== 'all' && to !== 'key') throw target.invalid('to', 'must be "all" or "key"')
    return { kind: 'sockets', api, to, ...given({ stage: target.string('stage') }) }
  },
  http: (_, url) => ({ kind: 'http', url }),
}

const kinds = Object.keys(readers) as Kind[]

/**
 * Reads a target: `{function, qualifier?}`, `{stream}`, `{queue}`, `{topic}`, `{bus, source?, detailType?}`,
 * `{sockets: API, stage?, to?}` or `{http: url}`, of those kinds that are `allowed`; undefined when the field is not there.
 * @throws invalid_field
 */
export function targetIn<K extends Kind = Kind>(
  fields: Fields,
  field: string,
  allowed: readonly K[] = kinds as K[],
): Extract<BindingTarget, { kind: K }> | undefined {
  const value = fields.raw(field)
  if (value === undefined) return undefined
  const target = new Fields(value, `${field}.`)
  const [kind, second] = allowed.filter((each) => target.has(each))
  if (kind === undefined || second !== undefined) {
    const choice = `${allowed.slice(0, -1).join(', ')} and ${allowed.at(-1)}`
    // A name that is not known at all deserves to be told first.
    if (kind === undefined) target.done()
    throw fields.invalid(field, `must have one of ${choice}`)
  }
  const name = kind === 'http' ? urlIn(target) : target.required(kind, target.name(kind))
  const read = readers[kind](target, name)
  target.done()
  return read as Extract<BindingTarget, { kind: K }>
}

function urlIn(target: Fields): string {
  const url = target.string('http') ?? ''
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw target.invalid('http', 'must be an http or https URL')
}

function filled(target: Fields, field: string): string | undefined {
  const text = target.string(field)
  if (text === '') throw target.invalid(field, 'must not be empty')
  return text
}

/** Members without those that are undefined. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}

/** @throws function_not_found, stream_not_found, queue_not_found, topic_not_found, bus_not_found, socket_api_not_found */
export function requireTarget(broker: Broker, target: BindingTarget | undefined): void {
  const { functions, streams, queues, topics, buses } = broker
  if (target?.kind === 'function') functions.resolve({ ...target, name: target.function })
  else if (target?.kind === 'stream') streams.get(target.stream)
  else if (target?.kind === 'queue') queues.get(target.queue)
  else if (target?.kind === 'topic') topics.get(target.topic)
  else if (target?.kind === 'bus') buses.get(target.bus)
  else if (target?.kind === 'sockets') socketApiOf(broker, target.api)
}
