import { createHash } from 'node:crypto'
import type { Bindings } from './modes/bindings.ts'
import type { SchedulePlace } from './schedule-places.ts'
import { schedulePlaceOf } from './schedule-places.ts'
import { type BindingTarget, isRoute, type RouteBinding } from './wire/binding.ts'
import { MillraceError } from './wire/errors.ts'
import type { RetrySchedule } from './wire/retry-schedule.ts'

/** Deliveries of one route side by side. */
const atOnce = 20
const retryMillisMin = 1_000
const retryMillisMax = 15 * 60 * 1_000

/** The ways from schedules to functions and HTTP endpoints: one for each of those, whatever the number of schedules. */
export class ScheduleRoutes {
  readonly #bindings: Bindings

  constructor(bindings: Bindings) {
    this.#bindings = bindings
  }

  /** @throws binding_not_found when `need` was never called for it */
  get(target: BindingTarget): RouteBinding {
    const name = routeName(target)
    const binding = this.#bindings.records.get(name)
    if (binding === undefined || !isRoute(binding)) throw new MillraceError('binding_not_found', { binding: name })
    return binding
  }

  /** Makes a route, if it is not there. */
  async need(target: BindingTarget, region: string, account: string): Promise<void> {
    const name = routeName(target)
    if (this.#bindings.records.get(name) !== undefined) return
    try {
      await this.#bindings.create(routeBinding(name, target, region, account))
    } catch (error) {
      // Somebody else made it meanwhile.
      if (!(error instanceof MillraceError) || error.code !== 'binding_exists') throw error
    }
  }
}

export function routeTarget(place: Extract<SchedulePlace, { kind: 'function' | 'http' }>): BindingTarget {
  if (place.kind === 'http') return place
  const { name, qualifier } = place
  return { kind: 'function', function: name, ...(qualifier === undefined ? {} : { qualifier }) }
}

/** A function by its name, or by its ARN. */
export function functionTarget(given: string): BindingTarget {
  const place = schedulePlaceOf(given)
  if (place?.kind === 'function') return routeTarget(place)
  const [name = '', qualifier] = given.split(':')
  return { kind: 'function', function: name, ...(qualifier === undefined ? {} : { qualifier }) }
}

/** Retries as EventBridge has them: the waits double. */
export function retryOf(tries: number): RetrySchedule {
  if (tries === 0) return []
  return [{ tries, delayMillisMin: retryMillisMin, delayMillisMax: retryMillisMax, curve: 'exponential', jitter: true }]
}

/** A route is named after where it leads, so that schedules with the same target share it. */
function routeName(target: BindingTarget): string {
  const hash = createHash('sha256').update(JSON.stringify(target)).digest('hex').slice(0, 12)
  const name = target.kind === 'function' && target.qualifier === undefined ? target.function : hash
  return `schedule.${target.kind}.${name}`
}

function routeBinding(
  name: string,
  target: BindingTarget,
  region: string,
  account: string,
): Omit<RouteBinding, 'revision' | 'createdAt' | 'modifiedAt'> {
  const arn = `arn:aws:scheduler:${region}:${account}:schedule/*`
  return {
    name,
    source: { kind: 'schedule', name: 'schedules', route: name, queue: `~${name}`, arn },
    filter: [],
    batch: { recordsMax: 1, windowMillis: 0, parallel: 1, partial: false },
    target,
    retry: { retriesMax: null, ageMillisMax: null, bisect: false },
    delivery: { ageMillisMax: null, retry: retryOf(0), atOnce },
    paused: false,
    region,
    account,
  }
}
