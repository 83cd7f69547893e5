import { type ScheduleFiring, type ScheduleRecord, scheduleArn } from './modes/schedule-record.ts'

/**
 * What the target of a schedule gets: its input with the attributes of this firing filled in (Amazon EventBridge Scheduler User Guide, "Adding
 * context attributes"), or an event that says which schedule fired.
 */
export function inputOf(record: ScheduleRecord, firing: ScheduleFiring): string {
  const { input } = record.target
  return input === undefined ? defaultEvent(record, firing) : filled(input, record, firing)
}

function filled(input: string, record: ScheduleRecord, { instant, executionId }: ScheduleFiring): string {
  const values: Readonly<Record<string, string>> = {
    'schedule-arn': scheduleArn(record),
    'scheduled-time': secondsText(instant),
    'execution-id': executionId,
    'attempt-number': '1',
  }
  return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (all: string, name: string) => values[name] ?? all)
}

/** `detail` is a text here, as AWS has it. */
function defaultEvent(record: ScheduleRecord, { instant, executionId }: ScheduleFiring): string {
  const { account, region } = record
  return JSON.stringify({
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: secondsText(instant),
    region,
    resources: [scheduleArn(record)],
    detail: '{}',
  })
}

function secondsText(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
