import type { Broker } from '../../broker.ts'
import { parseDestination } from '../../destinations.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import type { BindingRecord, BindingTarget } from '../../wire/binding.ts'
import { MillraceError } from '../../wire/errors.ts'
import { consumerArnOf } from '../kinesis/names.ts'
import { invalidParameter, notFound } from './errors.ts'
import { destinationConfig, functionName } from './members.ts'
import { type Caller, functionArn } from './names.ts'

export const uuid = { type: 'string', required: true } as const

/** What can be chosen, and changed, about a mapping. */
export const mappingMembers = {
  Enabled: { type: 'boolean' },
  BatchSize: { type: 'integer', min: 1, max: 10_000 },
  MaximumBatchingWindowInSeconds: { type: 'integer', min: 0, max: 300 },
  ParallelizationFactor: { type: 'integer', min: 1, max: 10 },
  MaximumRetryAttempts: { type: 'integer', min: -1, max: 10_000 },
  MaximumRecordAgeInSeconds: { type: 'integer', min: -1, max: 604_800 },
  BisectBatchOnFunctionError: { type: 'boolean' },
  DestinationConfig: destinationConfig,
  FilterCriteria: {
    type: 'structure',
    members: {
      Filters: {
        type: 'list',
        of: { type: 'structure', members: { Pattern: { type: 'string', min: 0, max: 4_096 } } },
      },
    },
  },
  FunctionResponseTypes: { type: 'list', min: 0, max: 1, of: { type: 'string', enum: ['ReportBatchItemFailures'] } },
} as const

export const optionalFunctionName = { type: 'string', min: 1, max: 170, pattern: functionName.pattern } as const

type MappingInput = InputOf<typeof mappingMembers>

/** How AWS describes a mapping. */
export function describeMapping(broker: Broker, record: BindingRecord, caller: Caller, state?: string): object {
  const { source, target, batch, retry, filter, deadLetter } = record
  const destination = deadLetter === undefined ? undefined : arnOfTarget(deadLetter, caller)
  return {
    UUID: record.name,
    EventSourceMappingArn: `arn:aws:lambda:${caller.region}:${caller.account}:event-source-mapping:${record.name}`,
    EventSourceArn: source.arn,
    FunctionArn: arnOfTarget(target, caller),
    StartingPosition: source.from === 'horizon' ? 'TRIM_HORIZON' : source.from === 'latest' ? 'LATEST' : 'AT_TIMESTAMP',
    ...(typeof source.from === 'object' ? { StartingPositionTimestamp: new Date(source.from.time) } : {}),
    BatchSize: batch.recordsMax,
    MaximumBatchingWindowInSeconds: batch.windowMillis / 1000,
    ParallelizationFactor: batch.parallel,
    MaximumRetryAttempts: retry.retriesMax ?? -1,
    MaximumRecordAgeInSeconds: retry.ageMillisMax === null ? -1 : retry.ageMillisMax / 1000,
    BisectBatchOnFunctionError: retry.bisect,
    FunctionResponseTypes: batch.partial ? ['ReportBatchItemFailures'] : [],
    DestinationConfig: destination === undefined ? {} : { OnFailure: { Destination: destination } },
    ...(filter.length > 0 ? { FilterCriteria: { Filters: filter.map((Pattern) => ({ Pattern })) } } : {}),
    LastModified: new Date(record.modifiedAt),
    LastProcessingResult: broker.bindings.status(record.name)?.lastResult ?? 'No records processed',
    State: state ?? (record.paused ? 'Disabled' : 'Enabled'),
    StateTransitionReason: 'User action',
  }
}

function arnOfTarget(target: BindingTarget, caller: Caller): string {
  if (target.kind === 'function') return functionArn(target.function, caller, target.qualifier)
  return `arn:aws:kinesis:${caller.region}:${caller.account}:stream/${target.stream}`
}

/** What a mapping's settings say, over what was there. */
export function withMapping(
  broker: Broker,
  base: Pick<BindingRecord, 'batch' | 'retry' | 'filter' | 'deadLetter' | 'paused'>,
  input: MappingInput,
): Pick<BindingRecord, 'batch' | 'retry' | 'filter' | 'deadLetter' | 'paused'> {
  const age = input.MaximumRecordAgeInSeconds
  if (age !== undefined && age !== -1 && age < 60) {
    throw invalidParameter('MaximumRecordAgeInSeconds must be -1, or from 60 to 604800.')
  }
  const { batch, retry } = base
  const onFailure = input.DestinationConfig?.OnFailure
  const { deadLetter: before, ...rest } = base
  const deadLetter = input.DestinationConfig === undefined ? before : destinationIn(broker, onFailure?.Destination)
  return {
    ...rest,
    ...(deadLetter === undefined ? {} : { deadLetter }),
    filter: filtersIn(broker, input) ?? base.filter,
    batch: {
      recordsMax: input.BatchSize ?? batch.recordsMax,
      windowMillis: (input.MaximumBatchingWindowInSeconds ?? batch.windowMillis / 1000) * 1000,
      parallel: input.ParallelizationFactor ?? batch.parallel,
      partial: input.FunctionResponseTypes === undefined ? batch.partial : input.FunctionResponseTypes.length > 0,
    },
    retry: {
      retriesMax:
        input.MaximumRetryAttempts === undefined ? retry.retriesMax : unlessForever(input.MaximumRetryAttempts),
      ageMillisMax: age === undefined ? retry.ageMillisMax : age === -1 ? null : age * 1000,
      bisect: input.BisectBatchOnFunctionError ?? retry.bisect,
    },
    paused: input.Enabled === undefined ? base.paused : !input.Enabled,
  }
}

function unlessForever(number: number): number | null {
  return number === -1 ? null : number
}

function filtersIn({ limits }: Broker, { FilterCriteria }: MappingInput): readonly string[] | undefined {
  if (FilterCriteria === undefined) return undefined
  const patterns = (FilterCriteria.Filters ?? []).flatMap(({ Pattern }) => (Pattern ? [Pattern] : []))
  if (patterns.length <= limits.bindingFiltersMax) return patterns
  throw invalidParameter(`A mapping has at most ${limits.bindingFiltersMax} filters.`)
}

/** What a destination's ARN names: a stream or a function of this broker. */
function destinationIn(broker: Broker, arn: string | undefined): BindingTarget | undefined {
  if (!arn) return undefined
  const [, service, name] = parseDestination(arn) ?? []
  if (service === 'kinesis' && name !== undefined) {
    broker.streams.get(name)
    return { kind: 'stream', stream: name }
  }
  if (service === 'lambda' && name !== undefined) {
    broker.functions.get(name)
    return { kind: 'function', function: name }
  }
  throw invalidParameter(`The destination ARN ${arn} is invalid: it must be of a stream or a function of this broker.`)
}

/** The stream that a source's ARN names, its own or that of a consumer that was registered. */
export function sourceStreamIn(broker: Broker, arn: string, caller: Caller): string {
  const match = /^arn:[^:]*:kinesis:[^:]*:\d{12}:stream\/([A-Za-z0-9_.-]+)(\/consumer\/.+)?$/.exec(arn)
  if (match === null) throw invalidParameter('Unrecognized event source.')
  const name = match[1] as string
  try {
    const { profile } = broker.streams.get(name)
    const known =
      match[2] === undefined || profile.current.consumers.some((each) => isSame(arn, consumerArnOf(name, each, caller)))
    if (known) return name
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'stream_not_found') throw error
  }
  throw invalidParameter(`Stream not found: ${arn}`)
}

/** Account and region are whatever a caller says. */
function isSame(arn: string, other: string): boolean {
  return arn.split(':').slice(5).join(':') === other.split(':').slice(5).join(':')
}

/** @throws AwsError ResourceNotFoundException */
export function mappingOf({ bindings }: Broker, id: string): BindingRecord {
  const record = bindings.records.get(id)
  if (record === undefined) throw notFound('The resource you requested does not exist.')
  return record
}
