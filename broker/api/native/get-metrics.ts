import type { CallOperation } from '../operation.ts'
import { PlainText } from '../plain-text.ts'
import { type Figures, figuresOf } from './figures.ts'

type Labels = Readonly<Record<string, string | number>>

/** Metrics of one name, with what stands above them (prometheus.io, "Exposition formats", text format 0.0.4). */
interface Family {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly (readonly [Labels, number])[]
}

/** The figures of /v1/inspect for Prometheus. */
export const getMetrics: CallOperation = {
  method: 'GET',
  path: '/metrics',
  async run(broker) {
    const families = familiesOf(await figuresOf(broker))
    return { body: new PlainText('text/plain; version=0.0.4; charset=utf-8', families.map(textOf).join('')) }
  },
}

function familiesOf(figures: Figures): Family[] {
  return [
    ...processFamilies(figures),
    ...streamFamilies(figures),
    ...queueFamilies(figures),
    ...handlerFamilies(figures),
    ...socketFamilies(figures),
  ]
}

function processFamilies({ log, memory, longStreams }: Figures): Family[] {
  return [
    family('commits_total', 'counter', 'Group commits since the start.', [[{}, log.commits]]),
    family('log_bytes', 'gauge', 'Bytes of the log on disk.', [[{}, log.bytes]]),
    family('log_segments', 'gauge', 'Segments of the log.', [[{}, log.segments.length]]),
    family('in_flight_bytes', 'gauge', 'Bytes taken in and not yet durable.', [[{}, log.inFlightBytes]]),
    family('long_streams', 'gauge', 'Append sessions, subscriptions and queue sessions that are open.', [
      [{}, longStreams],
    ]),
    family('resident_memory_bytes', 'gauge', 'Resident memory, mapped pages of the log included.', [
      [{}, memory.residentBytes],
    ]),
    family('heap_bytes', 'gauge', 'JavaScript heap in use.', [[{}, memory.heapBytes]]),
  ]
}

function streamFamilies({ streams }: Figures): Family[] {
  const shards = streams.flatMap(({ name: stream, shards }) => shards.map((each) => ({ stream, ...each })))
  const lags = streams.flatMap(({ name: stream, consumers }) =>
    consumers.flatMap(({ consumer, shards }) => shards.map(({ shard, lag }) => ({ stream, consumer, shard, lag }))),
  )
  return [
    family(
      'stream_records_total',
      'counter',
      'Records that a shard ever took.',
      shards.map(({ stream, shard, next }) => [{ stream, shard }, next]),
    ),
    family(
      'stream_records_kept',
      'gauge',
      'Records of a shard that retention has left.',
      shards.map(({ stream, shard, first, next }) => [{ stream, shard }, next - first]),
    ),
    family(
      'consumer_lag_records',
      'gauge',
      'Records of a shard behind which a consumer is.',
      lags.map(({ lag, ...labels }) => [labels, lag]),
    ),
  ]
}

function queueFamilies({ queues }: Figures): Family[] {
  const states = ['visible', 'inFlight', 'delayed'] as const
  return [
    family(
      'queue_messages',
      'gauge',
      'Messages of a queue.',
      queues.flatMap(({ name: queue, messages }) =>
        states.map((state) => [{ queue, state }, messages[state]] as const),
      ),
    ),
  ]
}

function handlerFamilies({ functions, bindings }: Figures): Family[] {
  const of = (value: (each: Figures['functions'][number]) => number) =>
    functions.map((each) => [{ function: each.name }, value(each)] as const)
  return [
    family(
      'function_invocations_total',
      'counter',
      'Invocations that ended.',
      of(({ invocations }) => invocations),
    ),
    family(
      'function_errors_total',
      'counter',
      'Invocations that ended with an error.',
      of(({ errors }) => errors),
    ),
    family(
      'function_refusals_total',
      'counter',
      'Invocations that were not begun.',
      of(({ refusals }) => refusals),
    ),
    family(
      'function_duration_seconds_total',
      'counter',
      'How long invocations took, all together.',
      of(({ durationMillis }) => durationMillis / 1000),
    ),
    family(
      'binding_lag',
      'gauge',
      'What a binding has not handled yet.',
      bindings.map(({ name, lag }) => [{ binding: name }, lag]),
    ),
  ]
}

function socketFamilies({ sockets: { native, apis } }: Figures): Family[] {
  const ofApis = apis.map(({ api, sockets }) => [{ door: 'api', api }, sockets] as const)
  return [
    family('sockets', 'gauge', 'Clients that are connected by WebSockets.', [[{ door: 'native' }, native], ...ofApis]),
  ]
}

function family(name: string, kind: Family['kind'], help: string, samples: Family['samples']): Family {
  return { name: `millrace_${name}`, kind, help, samples }
}

function textOf({ name, kind, help, samples }: Family): string {
  const lines = samples.map(([labels, value]) => `${name}${labelsText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
