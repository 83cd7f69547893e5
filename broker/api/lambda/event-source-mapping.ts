import type { Broker } from '../../broker.ts'
import { destinationOfArn } from '../../destinations.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { type BindingRecord, type BindingTarget, isReading, type ReadingBinding } from '../../wire/binding.ts'
import { targetArn } from '../../wire/target-arn.ts'
import { requireTarget } from '../native/binding-target.ts'
import { invalidParameter, notFound } from './errors.ts'
import { describeStart } from './event-source.ts'
import { destinationConfig, functionName } from './members.ts'
import type { Caller } from './names.ts'
import { describeQueueMapping, parallelIn, scalingConfig } from './queue-mapping.ts'

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
  ScalingConfig: scalingConfig,
  TumblingWindowInSeconds: { type: 'integer', min: 0, max: 900 },
  FunctionResponseTypes: { type: 'list', min: 0, max: 1, of: { type: 'string', enum: ['ReportBatchItemFailures'] } },
} as const

export const optionalFunctionName = { type: 'string', min: 1, max: 170, pattern: functionName.pattern } as const

export type MappingInput = InputOf<typeof mappingMembers>

/** How AWS describes a mapping. */
export function describeMapping(broker: Broker, record: BindingRecord, caller: Caller, state?: string): object {
  const { source, target, batch, filter } = record
  return {
    UUID: record.name,
    EventSourceMappingArn: `arn:aws:lambda:${caller.region}:${caller.account}:event-source-mapping:${record.name}`,
    EventSourceArn: source.arn,
    FunctionArn: targetArn(target, caller),
    BatchSize: batch.recordsMax,
    MaximumBatchingWindowInSeconds: batch.windowMillis / 1000,
    FunctionResponseTypes: batch.partial ? ['ReportBatchItemFailures'] : [],
    ...(filter.length > 0 ? { FilterCriteria: { Filters: filter.map((Pattern) => ({ Pattern })) } } : {}),
    LastModified: new Date(record.modifiedAt),
    State: state ?? (record.paused ? 'Disabled' : 'Enabled'),
    ...(isReading(record) ? describeStart(record.source) : {}),
    ...(source.kind === 'queue' ? describeQueueMapping(record) : describeStreamMapping(broker, record, caller)),
  }
}

function describeStreamMapping(broker: Broker, record: BindingRecord, caller: Caller): object {
  const { batch, retry, deadLetter } = record
  const destination = deadLetter === undefined ? undefined : targetArn(deadLetter, caller)
  return {
    ParallelizationFactor: batch.parallel,
    MaximumRetryAttempts: retry.retriesMax ?? -1,
    MaximumRecordAgeInSeconds: retry.ageMillisMax === null ? -1 : retry.ageMillisMax / 1000,
    BisectBatchOnFunctionError: retry.bisect,
    TumblingWindowInSeconds: (batch.tumblingMillis ?? 0) / 1000,
    DestinationConfig: destination === undefined ? {} : { OnFailure: { Destination: destination } },
    LastProcessingResult: broker.bindings.status(record.name)?.lastResult ?? 'No records processed',
    StateTransitionReason: 'User action',
  }
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
  const parallel = parallelIn(input) ?? batch.parallel
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
      parallel,
      partial: input.FunctionResponseTypes === undefined ? batch.partial : input.FunctionResponseTypes.length > 0,
      ...tumblingIn(input, batch.tumblingMillis, parallel),
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

/** @throws AwsError InvalidParameterValueException: the records of a window share one state, so there is one batch at a time */
function tumblingIn(input: MappingInput, before: number | undefined, parallel: number): { tumblingMillis?: number } {
  const seconds = input.TumblingWindowInSeconds
  const tumblingMillis = seconds === undefined ? before : seconds * 1000
  if (!tumblingMillis) return {}
  if (parallel === 1) return { tumblingMillis }
  throw invalidParameter('ParallelizationFactor must be 1 where TumblingWindowInSeconds is given.')
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

/** What a destination's ARN names: a stream, a queue, a topic or a function of this broker. */
function destinationIn(broker: Broker, arn: string | undefined): BindingTarget | undefined {
  if (!arn) return undefined
  const target = destinationOfArn(arn)
  if (target === undefined || target.kind === 'bus') {
    throw invalidParameter(
      `The destination ARN ${arn} is invalid: it must be of a stream, a queue, a topic or a function of this broker.`,
    )
  }
  requireTarget(broker, target)
  return target
}

/** @throws AwsError ResourceNotFoundException */
export function mappingOf({ bindings }: Broker, id: string): ReadingBinding {
  const record = bindings.records.get(id)
  if (record === undefined || !isReading(record)) throw notFound('The resource you requested does not exist.')
  return record
}
