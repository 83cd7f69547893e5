import type { Limits } from '../../limits.ts'
import type { ScheduleSettings, ScheduleTarget } from '../../modes/schedule-record.ts'
import { Fields } from '../fields.ts'

const region = 'us-east-1'
const account = '000000000000'
const latest = 8.64e15

/** Reads a schedule from a request. */
export function scheduleIn(group: string, name: string, fields: Fields, limits: Limits): ScheduleSettings {
  const start = fields.integer('start', { min: 0, max: latest })
  const end = fields.integer('end', { min: 0, max: latest })
  if (start !== undefined && end !== undefined && start >= end) throw fields.invalid('end', 'must be behind the start')
  const description = fields.string('description')
  return {
    group,
    name,
    expression: fields.required('expression', fields.string('expression')),
    timeZone: fields.string('timeZone') ?? 'UTC',
    windowMillis: fields.integer('windowMillis', { min: 0, max: limits.scheduleWindowMillisMax }) ?? 0,
    paused: fields.boolean('paused') ?? false,
    deleteAfter: fields.boolean('deleteAfter') ?? false,
    target: targetIn(name, fields, limits),
    region,
    account,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(description === undefined ? {} : { description }),
  }
}

function targetIn(name: string, fields: Fields, limits: Limits): ScheduleTarget {
  const input = inputIn(fields, limits)
  const retry = new Fields(fields.raw('retry'), 'retry.')
  const letters = fields.raw('deadLetter')
  const deadLetter = letters === undefined ? undefined : queueIn(new Fields(letters, 'deadLetter.'))
  const { scheduleRetriesMax, scheduleAgeMillisMin: min, scheduleAgeMillisMax: max } = limits
  const target = {
    ...placeIn(name, fields),
    retriesMax: retry.integer('retriesMax', { min: 0, max: scheduleRetriesMax }) ?? scheduleRetriesMax,
    ageMillisMax: retry.integer('ageMillisMax', { min, max }) ?? max,
    ...(input === undefined ? {} : { input }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
  }
  retry.done()
  return target
}

/** `{function, qualifier?}`, `{queue, messageGroup?}`, `{stream, key?}`, `{topic}`, `{bus, source?, detailType?}` or `{http}`, as an ARN or a URL. */
function placeIn(
  schedule: string,
  fields: Fields,
): Pick<ScheduleTarget, 'arn' | 'messageGroup' | 'partitionKey' | 'event'> {
  const given = new Fields(fields.required('target', fields.raw('target')), 'target.')
  const name = given.name('function')
  const qualifier = given.string('qualifier')
  const queue = given.name('queue')
  const messageGroup = given.string('messageGroup')
  const stream = given.name('stream')
  const key = given.string('key')
  const topic = given.name('topic')
  const bus = given.string('bus')
  const event = {
    source: given.string('source') ?? 'millrace.schedule',
    detailType: given.string('detailType') ?? 'Scheduled Event',
  }
  const http = given.string('http')
  given.done()
  if ([name, queue, stream, topic, bus, http].filter((each) => each !== undefined).length !== 1) {
    throw fields.invalid('target', 'must have one of function, queue, stream, topic, bus and http')
  }
  if (queue !== undefined) return { arn: arnOf('sqs', queue), ...(messageGroup === undefined ? {} : { messageGroup }) }
  // Without a key of its own, what a schedule puts stays in order.
  if (stream !== undefined) return { arn: arnOf('kinesis', `stream/${stream}`), partitionKey: key ?? schedule }
  if (topic !== undefined) return { arn: arnOf('sns', topic) }
  if (bus !== undefined) return { arn: arnOf('events', `event-bus/${bus}`), event }
  if (http !== undefined) return { arn: http }
  return { arn: arnOf('lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`) }
}

/** Text goes as it is, any other JSON as its text. */
function inputIn(fields: Fields, limits: Limits): string | undefined {
  const given = fields.raw('input')
  if (given === undefined) return undefined
  const input = typeof given === 'string' ? given : JSON.stringify(given)
  const limit = limits.scheduleInputBytesMax
  if (Buffer.byteLength(input) > limit) throw fields.invalid('input', `must be at most ${limit} bytes`)
  return input
}

function queueIn(fields: Fields): string {
  const queue = fields.required('queue', fields.name('queue'))
  fields.done()
  return arnOf('sqs', queue)
}

function arnOf(service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`
}
