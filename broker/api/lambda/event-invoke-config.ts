import { destinationOfArn } from '../../destinations.ts'
import { type AsyncConfig, type FunctionRecord, latestVersion } from '../../modes/function-record.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { invalidParameter, notFound } from './errors.ts'
import { destinationConfig } from './members.ts'
import { type Caller, functionArn } from './names.ts'

/** What can be chosen about asynchronous invocations. */
export const asyncMembers = {
  MaximumRetryAttempts: { type: 'integer', min: 0, max: 2 },
  MaximumEventAgeInSeconds: { type: 'integer', min: 60, max: 21_600 },
  DestinationConfig: destinationConfig,
} as const

/** A request's settings, over those that were there. */
export function withAsync(base: Partial<AsyncConfig>, input: InputOf<typeof asyncMembers>, now: number): AsyncConfig {
  const { DestinationConfig: to } = input
  const retriesMax = input.MaximumRetryAttempts ?? base.retriesMax
  const ageSecondsMax = input.MaximumEventAgeInSeconds ?? base.ageSecondsMax
  const onSuccess = to === undefined ? base.onSuccess : to.OnSuccess?.Destination
  const onFailure = to === undefined ? base.onFailure : to.OnFailure?.Destination
  for (const arn of [onSuccess, onFailure]) {
    if (!arn || destinationOfArn(arn) !== undefined) continue
    throw invalidParameter(
      `The destination ARN ${arn} is invalid: it must be of a stream, a queue, a topic, a bus or a function of this broker.`,
    )
  }
  return {
    ...(retriesMax === undefined ? {} : { retriesMax }),
    ...(ageSecondsMax === undefined ? {} : { ageSecondsMax }),
    ...(onSuccess ? { onSuccess } : {}),
    ...(onFailure ? { onFailure } : {}),
    modifiedAt: now,
  }
}

/** How AWS describes them. */
export function describeAsync(name: string, qualifier: string, config: AsyncConfig, caller: Caller): object {
  return {
    LastModified: new Date(config.modifiedAt),
    FunctionArn: functionArn(name, caller, qualifier),
    MaximumRetryAttempts: config.retriesMax,
    MaximumEventAgeInSeconds: config.ageSecondsMax,
    DestinationConfig: {
      OnSuccess: config.onSuccess === undefined ? {} : { Destination: config.onSuccess },
      OnFailure: config.onFailure === undefined ? {} : { Destination: config.onFailure },
    },
  }
}

/** @throws AwsError ResourceNotFoundException */
export function asyncConfigOf(
  record: FunctionRecord,
  { qualifier = latestVersion }: FunctionTarget,
  caller: Caller,
): AsyncConfig {
  const config = record.asyncConfigs[qualifier]
  if (config !== undefined) return config
  throw notFound(`The function ${functionArn(record.name, caller, qualifier)} doesn't have an EventInvokeConfig`)
}
