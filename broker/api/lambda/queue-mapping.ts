import type { Broker } from '../../broker.ts'
import { configOf, latestVersion } from '../../modes/function-record.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { BindingBatch, BindingRecord, QueueSource } from '../../wire/binding.ts'
import { invalidParameter } from './errors.ts'
import { plainVersion } from './names.ts'

/** How many batches of a queue may be handled at once. */
export const scalingConfig = {
  type: 'structure',
  members: { MaximumConcurrency: { type: 'integer', min: 2, max: 1_000 } },
} as const

interface ParallelInput {
  readonly ParallelizationFactor?: number
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number }
}

/** Batches at once, of either kind of source; an empty ScalingConfig takes the bound away. */
export function parallelIn({ ParallelizationFactor, ScalingConfig }: ParallelInput): number | undefined {
  if (ScalingConfig === undefined) return ParallelizationFactor
  return ScalingConfig.MaximumConcurrency ?? 0
}

/** What streams have and queues have not. */
const ofStreams = [
  'ParallelizationFactor',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'TumblingWindowInSeconds',
] as const

/**
 * What a mapping of a queue must be like.
 * @throws AwsError InvalidParameterValueException
 */
export function requireQueueMapping(
  { queues, functions }: Broker,
  { queue }: QueueSource,
  { recordsMax, windowMillis }: BindingBatch,
  target: FunctionTarget,
): void {
  const { fifo, visibilityMillis } = queues.get(queue).settings
  if (fifo && windowMillis > 0) {
    throw invalidParameter('Batching window is not supported for FIFO queues.')
  }
  if (fifo && recordsMax > 10) {
    throw invalidParameter(`Batch size ${recordsMax} is invalid: the maximum is 10 for FIFO queues.`)
  }
  if (recordsMax > 10 && windowMillis === 0) {
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    )
  }
  const record = functions.get(target.name)
  const timeout = configOf(record, plainVersion(record, target.qualifier ?? latestVersion))?.timeoutSeconds ?? 0
  if (visibilityMillis >= timeout * 1000) return
  throw invalidParameter(
    `Queue visibility timeout: ${visibilityMillis / 1000} seconds is less than Function timeout: ${timeout} seconds`,
  )
}

/** @throws AwsError InvalidParameterValueException where a setting of streams is given for a queue, or the other way round */
export function requireFitting(kind: 'stream' | 'queue', input: object): void {
  const wrong = kind === 'queue' ? ofStreams : (['ScalingConfig'] as const)
  for (const name of wrong) {
    if ((input as Readonly<Record<string, unknown>>)[name] === undefined) continue
    throw invalidParameter(`${name} is not valid for ${kind === 'queue' ? 'SQS' : 'Kinesis'} event sources.`)
  }
}

/** What AWS tells of a mapping of a queue, beside what it tells of all. */
export function describeQueueMapping({ batch }: BindingRecord): object {
  return {
    ...(batch.parallel === 0 ? {} : { ScalingConfig: { MaximumConcurrency: batch.parallel } }),
    StateTransitionReason: 'USER_INITIATED',
  }
}
