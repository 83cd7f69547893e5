import type { Endpoint } from '../broker/wire/endpoint.ts'
import type { ScheduleDescription, ScheduleTargetDescription } from '../broker/wire/schedule-description.ts'

/** What can be chosen about a schedule. Times are milliseconds since 1970. */
export interface ScheduleOptions {
  /** Where it leads: a function, a queue, a stream, a topic, a bus or an HTTP endpoint. A stream's key is the schedule's name by default. */
  readonly target: ScheduleTarget
  /** What the target gets: text as it is, anything else as JSON. An event that says which schedule fired when left out. */
  readonly input?: unknown
  /** IANA name, such as Europe/Berlin. Default UTC. */
  readonly timeZone?: string
  /** Nothing before it. */
  readonly start?: number
  /** Nothing behind it. */
  readonly end?: number
  /** It fires within this of its time, each time after a wait of its own. Default 0: on time. */
  readonly windowMillis?: number
  /** Default false. */
  readonly paused?: boolean
  /** Deletes it once it has fired for the last time. Default false. */
  readonly deleteAfter?: boolean
  readonly description?: string
  /** For functions and endpoints. Default 185 retries within 24 hours. */
  readonly retry?: { readonly retriesMax?: number; readonly ageMillisMax?: number }
  /** The queue that hears of what was given up. Default: nobody. */
  readonly deadLetter?: { readonly queue: string }
}

export type ScheduleTarget =
  | Extract<ScheduleTargetDescription, { function: string } | { queue: string } | { topic: string } | { http: string }>
  | { readonly stream: string; readonly key?: string }
  | { readonly bus: string; readonly source?: string; readonly detailType?: string }

/** A schedule of a broker, by name and group; nothing is sent until something is asked of it. */
export class ScheduleHandle {
  readonly name: string
  readonly group: string
  readonly #endpoint: Endpoint

  constructor(endpoint: Endpoint, name: string, group: string) {
    this.name = name
    this.group = group
    this.#endpoint = endpoint
  }

  /**
   * Makes it, or puts these settings in the place of all that it has: `at(2030-01-31T09:00:00)`, `rate(5 minutes)` or
   * `cron(0 9 ? * MON-FRI *)`.
   * @throws schedule_invalid, time_zone_unknown, schedule_target, schedule_group_not_found
   */
  async set(expression: string, options: ScheduleOptions): Promise<ScheduleDescription> {
    return (await this.#call('PUT', { expression, ...options })) as ScheduleDescription
  }

  /** @throws schedule_not_found */
  async describe(): Promise<ScheduleDescription> {
    return (await this.#call('GET')) as ScheduleDescription
  }

  /** Stops it; what would have been until it is resumed is not made up for. */
  async pause(): Promise<ScheduleDescription> {
    return (await this.#call('PATCH', { paused: true })) as ScheduleDescription
  }

  async resume(): Promise<ScheduleDescription> {
    return (await this.#call('PATCH', { paused: false })) as ScheduleDescription
  }

  /** Deletes it; what it gave to its target already is still delivered. */
  async delete(): Promise<void> {
    await this.#call('DELETE')
  }

  #call(method: 'GET' | 'PUT' | 'PATCH' | 'DELETE', body?: object): Promise<unknown> {
    const path = `/v1/schedules/${encodeURIComponent(this.name)}`
    return this.#endpoint.call({ method, path, query: { group: this.group }, ...(body === undefined ? {} : { body }) })
  }
}

/** All schedules, by group and name, or those of one group. */
export async function allSchedules(endpoint: Endpoint, group?: string): Promise<ScheduleDescription[]> {
  const all: ScheduleDescription[] = []
  let after: string | undefined
  do {
    const query = {
      limit: '1000',
      ...(group === undefined ? {} : { group }),
      ...(after === undefined ? {} : { after }),
    }
    const page = (await endpoint.call({ method: 'GET', path: '/v1/schedules', query })) as {
      readonly schedules: readonly ScheduleDescription[]
      readonly next?: string
    }
    all.push(...page.schedules)
    after = page.next
  } while (after !== undefined)
  return all
}
