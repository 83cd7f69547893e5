import { announceWith } from './announcements.ts'
import type { Bindings } from './modes/bindings.ts'
import { detailIn } from './modes/bus-event.ts'
import { Publishing } from './modes/bus-publishing.ts'
import type { Buses } from './modes/buses.ts'
import type { Functions } from './modes/functions.ts'
import type { Publication } from './modes/publication.ts'
import type { OutgoingMessage } from './modes/queue-sender.ts'
import type { Queues } from './modes/queues.ts'
import {
  type ScheduleFiring,
  type ScheduleRecord,
  type ScheduleSettings,
  type ScheduleTarget,
  scheduleArn,
} from './modes/schedule-record.ts'
import type { ScheduleTargets } from './modes/schedules.ts'
import type { Durable } from './modes/timetable.ts'
import type { Topics } from './modes/topics.ts'
import {
  type CalledEvent,
  isScheduledCall,
  type ScheduledCall,
  scheduledCall,
  scheduledCalls,
} from './schedule-calls.ts'
import { inputOf } from './schedule-input.ts'
import { type SchedulePlace, schedulePlaceOf } from './schedule-places.ts'
import { functionTarget, retryOf, routeTarget, ScheduleRoutes } from './schedule-routes.ts'
import type { BindingTarget } from './wire/binding.ts'
import { MillraceError } from './wire/errors.ts'
import type { MessageAttribute } from './wire/queue-message.ts'

export interface ScheduleSurroundings {
  readonly queues: Queues
  readonly functions: Functions
  readonly bindings: Bindings
  readonly topics: Topics
  readonly buses: Buses
}

/** One firing, and what it is published with. */
interface Shot {
  readonly record: ScheduleRecord
  readonly firing: ScheduleFiring
  readonly publication: Publication
}

/** What schedules fire at. Logs of this broker get it in the same commit; functions and endpoints by routes, one for each that is named. */
export class LocalScheduleTargets implements ScheduleTargets {
  readonly #queues: Queues
  readonly #functions: Functions
  readonly #routes: ScheduleRoutes
  readonly #topics: Topics
  readonly #buses: Buses

  constructor({ queues, functions, bindings, topics, buses }: ScheduleSurroundings) {
    this.#topics = topics
    this.#buses = buses
    this.#queues = queues
    this.#functions = functions
    this.#routes = new ScheduleRoutes(bindings)
  }

  async need({ target, region, account }: ScheduleSettings): Promise<void> {
    const place = placeOf(target.arn)
    if (place.kind === 'call') requireCall(target.arn, place, target.input)
    if (place.kind === 'stream' && target.partitionKey === undefined) {
      throw refusal(target.arn, 'a stream needs a partition key')
    }
    if (place.kind === 'bus') requireEvent(target)
    if (target.deadLetter !== undefined && schedulePlaceOf(target.deadLetter)?.kind !== 'queue') {
      throw refusal(target.deadLetter, 'dead letters go to a queue')
    }
    const routed = routedTarget(place, target.input)
    if (routed !== undefined) await this.#routes.need(routed, region, account)
  }

  async publish(record: ScheduleRecord, firing: ScheduleFiring, publication: Publication): Promise<Durable> {
    const shot = { record, firing, publication }
    const durable = await this.#publish(shot)
    const { group, name } = record
    const detail = { group, schedule: name, time: new Date(firing.instant).toISOString(), target: record.target.arn }
    const told = await announceWith(this.#buses, publication, 'Schedule Fired', detail)
    if (told === undefined) return durable
    return () => {
      durable?.()
      told.durable()
    }
  }

  async #publish(shot: Shot): Promise<Durable> {
    const { record, firing, publication } = shot
    const { arn, messageGroup: group, partitionKey: key = '', event } = record.target
    const input = inputOf(record, firing)
    const body = Buffer.from(input)
    const place = placeOf(arn)
    if (place.kind === 'call') return this.#call(scheduledCall(place.service, place.action, input), shot)
    if (place.kind === 'topic') return this.#topics.get(nameIn(place.arn)).addTo(publication, { body })
    if (place.kind === 'bus' && event !== undefined) {
      return this.#toBuses([{ bus: place.name, ...event, detail: input, resources: [scheduleArn(record)] }], shot)
    }
    if (place.kind === 'queue') {
      this.#toQueue(place.name, { body, ...(group === undefined ? {} : { group }) }, shot)
    } else if (place.kind === 'stream') publication.toStream(place.name, { key, data: body })
    else if (place.kind === 'function' || place.kind === 'http') this.#toRoute(routeTarget(place), body, shot)
    return undefined
  }

  failed(record: ScheduleRecord, firing: ScheduleFiring, error: MillraceError, publication: Publication): void {
    const name = deadLetterOf(record)
    if (name === undefined) return
    const attributes = {
      ...firingAttributes(record, firing),
      TARGET_ARN: attribute(record.target.arn),
      ERROR_CODE: attribute(error.status === 404 ? 'NO_RESOURCE' : error.code.toUpperCase()),
      ERROR_MESSAGE: attribute(error.message),
      RETRY_ATTEMPTS: { type: 'Number', value: '0' },
    }
    const letter = { body: Buffer.from(inputOf(record, firing)), attributes, group: 'dead-letters' }
    this.#toQueue(name, letter, { record, firing, publication })
  }

  async #call(called: ScheduledCall, shot: Shot): Promise<Durable> {
    if (called.kind === 'topic') return this.#topics.get(nameIn(called.arn)).addTo(shot.publication, called)
    if (called.kind === 'bus') return this.#toBuses(called.events, shot)
    if (called.kind === 'queue') this.#toQueue(called.queue, called.message, shot)
    else if (called.kind === 'stream') shot.publication.toStream(called.stream, called)
    else this.#toRoute(functionTarget(called.function), called.payload, shot)
    return undefined
  }

  async #toBuses(events: readonly CalledEvent[], { record, firing, publication }: Shot): Promise<Durable> {
    const publishing = new Publishing(publication)
    for (const { bus: name, ...event } of events) {
      const bus = this.#buses.get(name)
      await this.#buses.ready(bus)
      bus.publish(this.#buses.prepare({ ...event, time: firing.instant }, record), publishing)
    }
    await publishing.whole
    return () => publishing.durable()
  }

  /** A FIFO queue knows a message by its content or, where it does not look at that, by the firing. */
  #toQueue(name: string, message: OutgoingMessage, { publication, firing }: Shot): void {
    const { fifo, contentBasedDeduplication } = this.#queues.get(name).settings
    const known = contentBasedDeduplication ? {} : { deduplicationId: firing.executionId }
    const { group: _, ...ungrouped } = message
    publication.toQueue(name, fifo ? { ...known, ...message } : ungrouped)
  }

  #toRoute(target: BindingTarget, payload: Uint8Array, { record, firing, publication }: Shot): void {
    if (target.kind === 'function') this.#functions.get(target.function)
    const { retriesMax, ageMillisMax } = record.target
    const deadLetter = deadLetterOf(record)
    publication.toHidden(this.#routes.get(target), {
      id: firing.executionId,
      payload,
      time: Math.max(firing.instant, record.createdAt),
      ...(target.kind === 'http' ? { headers: { 'content-type': 'application/json' } } : {}),
      attributes: firingAttributes(record, firing),
      policy: { ageMillisMax, retry: retryOf(retriesMax), ...(deadLetter === undefined ? {} : { deadLetter }) },
    })
  }
}

const nothingThere = 'it is the ARN of no function, queue, stream, topic or bus, nor an http or https URL'

/** @throws schedule_target */
function placeOf(arn: string): SchedulePlace {
  const place = schedulePlaceOf(arn)
  if (place === undefined) throw refusal(arn, nothingThere)
  return place
}

/** What a bus is given is an event, whose detail is an object. */
function requireEvent({ arn, event, input }: ScheduleTarget): void {
  if (event === undefined) throw refusal(arn, 'a bus needs a source and a detail type')
  if (input !== undefined) detailIn(input)
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}

function requireCall(
  arn: string,
  { service, action }: { readonly service: string; readonly action: string },
  input = '',
): void {
  if (!isScheduledCall(service, action)) {
    throw refusal(arn, `the calls that can be scheduled are ${scheduledCalls.join(', ')}`)
  }
  scheduledCall(service, action, input)
}

/** What needs a route, if anything does. */
function routedTarget(place: SchedulePlace, input = ''): BindingTarget | undefined {
  if (place.kind === 'function' || place.kind === 'http') return routeTarget(place)
  if (place.kind !== 'call') return undefined
  const called = scheduledCall(place.service, place.action, input)
  return called.kind === 'function' ? functionTarget(called.function) : undefined
}

function deadLetterOf({ target }: ScheduleSettings): string | undefined {
  const place = target.deadLetter === undefined ? undefined : schedulePlaceOf(target.deadLetter)
  return place?.kind === 'queue' ? place.name : undefined
}

function firingAttributes(record: ScheduleRecord, { executionId }: ScheduleFiring): Record<string, MessageAttribute> {
  return { SCHEDULE_ARN: attribute(scheduleArn(record)), EXECUTION_ID: attribute(executionId) }
}

function attribute(value: string): MessageAttribute {
  return { type: 'String', value: value.slice(0, 1_024) || '-' }
}

function refusal(target: string, reason: string): MillraceError {
  return new MillraceError('schedule_target', { target, reason })
}
