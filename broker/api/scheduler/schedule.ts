import type { Limits } from '../../limits.ts'
import {
  type ScheduleRecord,
  type ScheduleSettings,
  type ScheduleTarget,
  scheduleArn,
} from '../../modes/schedule-record.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import type { AwsContext } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import type { scheduleMembers } from './members.ts'

type Input = InputOf<typeof scheduleMembers>
type TargetInput = Input['Target']

const minuteMillis = 60_000

/** What CreateSchedule and UpdateSchedule say. */
export function settingsIn(
  input: Input,
  { region, account }: Pick<AwsContext, 'region' | 'account'>,
  limits: Limits,
): ScheduleSettings {
  const { StartDate: start, EndDate: end, Description: description, KmsKeyArn: kmsKeyArn } = input
  if (start !== undefined && end !== undefined && start >= end)
    throw invalid('The StartDate must come before the EndDate.')
  return {
    group: input.GroupName ?? 'default',
    name: input.Name,
    expression: input.ScheduleExpression,
    timeZone: input.ScheduleExpressionTimezone ?? 'UTC',
    windowMillis: windowIn(input.FlexibleTimeWindow),
    paused: input.State === 'DISABLED',
    deleteAfter: input.ActionAfterCompletion === 'DELETE',
    target: targetIn(input.Target, limits),
    region,
    account,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(description === undefined ? {} : { description }),
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
  }
}

function windowIn({ Mode, MaximumWindowInMinutes: minutes }: Input['FlexibleTimeWindow']): number {
  if (Mode === 'OFF') {
    if (minutes !== undefined)
      throw invalid('MaximumWindowInMinutes can only be set when the mode of the window is FLEXIBLE.')
    return 0
  }
  if (minutes === undefined)
    throw invalid('MaximumWindowInMinutes must be set when the mode of the window is FLEXIBLE.')
  return minutes * minuteMillis
}

function targetIn(given: TargetInput, limits: Limits): ScheduleTarget {
  const { Input: input, RetryPolicy: retry = {}, DeadLetterConfig: letters = {}, EventBridgeParameters: event } = given
  if (input !== undefined && Buffer.byteLength(input) > limits.scheduleInputBytesMax) {
    throw invalid(`Input of the target must be at most ${limits.scheduleInputBytesMax} bytes.`)
  }
  const messageGroup = given.SqsParameters?.MessageGroupId
  const partitionKey = given.KinesisParameters?.PartitionKey
  return {
    arn: given.Arn,
    role: given.RoleArn,
    retriesMax: retry.MaximumRetryAttempts ?? limits.scheduleRetriesMax,
    ageMillisMax:
      retry.MaximumEventAgeInSeconds === undefined
        ? limits.scheduleAgeMillisMax
        : retry.MaximumEventAgeInSeconds * 1000,
    ...(input === undefined ? {} : { input }),
    ...(letters.Arn === undefined ? {} : { deadLetter: letters.Arn }),
    ...(event === undefined ? {} : { event: { source: event.Source, detailType: event.DetailType } }),
    ...(messageGroup === undefined ? {} : { messageGroup }),
    ...(partitionKey === undefined ? {} : { partitionKey }),
  }
}

/** A schedule as GetSchedule tells of it. */
export function describeSchedule(record: ScheduleRecord): object {
  const { windowMillis, start, end } = record
  return {
    Arn: scheduleArn(record),
    GroupName: record.group,
    Name: record.name,
    ScheduleExpression: record.expression,
    ScheduleExpressionTimezone: record.timeZone,
    StartDate: start === undefined ? undefined : new Date(start),
    EndDate: end === undefined ? undefined : new Date(end),
    Description: record.description,
    State: stateOf(record),
    KmsKeyArn: record.kmsKeyArn,
    Target: describeTarget(record.target),
    FlexibleTimeWindow:
      windowMillis === 0
        ? { Mode: 'OFF' }
        : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: Math.ceil(windowMillis / minuteMillis) },
    ActionAfterCompletion: record.deleteAfter ? 'DELETE' : 'NONE',
    CreationDate: new Date(record.createdAt),
    LastModificationDate: new Date(record.modifiedAt),
  }
}

export function stateOf({ paused }: ScheduleRecord): string {
  return paused ? 'DISABLED' : 'ENABLED'
}

function describeTarget({
  arn,
  role,
  input,
  retriesMax,
  ageMillisMax,
  deadLetter,
  event,
  ...target
}: ScheduleTarget): object {
  const { messageGroup, partitionKey } = target
  return {
    Arn: arn,
    RoleArn: role ?? 'arn:aws:iam::000000000000:role/millrace',
    Input: input,
    RetryPolicy: { MaximumEventAgeInSeconds: Math.ceil(ageMillisMax / 1000), MaximumRetryAttempts: retriesMax },
    DeadLetterConfig: deadLetter === undefined ? undefined : { Arn: deadLetter },
    EventBridgeParameters: event && { Source: event.source, DetailType: event.detailType },
    SqsParameters: messageGroup === undefined ? undefined : { MessageGroupId: messageGroup },
    KinesisParameters: partitionKey === undefined ? undefined : { PartitionKey: partitionKey },
  }
}
