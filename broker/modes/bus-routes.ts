import { randomUUID } from 'node:crypto'
import type { BindingRecord, BindingTarget, RouteDelivery } from '../wire/binding.ts'
import type { Bindings, NewBinding } from './bindings.ts'
import { type RuleRecord, type RuleTarget, ruleArn } from './bus-record.ts'
import { placeOf } from './bus-target.ts'

/** EventBridge tries for 24 hours, 185 times, ... */
const retriesDefault = 185
const ageSecondsDefault = 86_400
/** ... ever more seldom, which with this as the longest wait comes to just less than a day. */
const retryMillisMin = 1_000
const retryMillisMax = 480_000
/** Deliveries of one target side by side. */
const atOnce = 20
/** How long an endpoint may take (EventBridge: 5 seconds). */
const answerMillisMax = 5_000

/** What deliveries to an API destination are bound by. */
export interface DestinationBounds {
  readonly url: string
  readonly perSecond: number
}

/** Keeps, for each target that is a function or an HTTP endpoint, the binding that delivers to it. */
export class BusRoutes {
  readonly #bindings: Bindings
  readonly #boundsOf: (destination: string) => DestinationBounds | undefined

  constructor(bindings: Bindings, boundsOf: (destination: string) => DestinationBounds | undefined) {
    this.#bindings = bindings
    this.#boundsOf = boundsOf
  }

  /** Makes the binding of a target, or changes that of `former`; returns the target with its name. */
  async bind(rule: RuleRecord, target: RuleTarget, former: RuleTarget | undefined): Promise<RuleTarget> {
    const to = this.#bindingTarget(target)
    if (to === undefined) return target
    const there = former?.binding === undefined ? undefined : this.#bindings.records.get(former.binding)
    const name = there?.name ?? `bus.${randomUUID()}`
    const binding = this.#binding(name, rule, target, to)
    if (there === undefined) await this.#bindings.create(binding)
    else await this.#bindings.change(name, (record) => ({ ...kept(record), ...binding }))
    return { ...target, binding: name }
  }

  /** Deletes the binding of a target, and with it what is on its way there. */
  async unbind({ binding }: RuleTarget): Promise<void> {
    if (binding !== undefined && this.#bindings.records.get(binding) !== undefined) await this.#bindings.delete(binding)
  }

  #bindingTarget({ arn }: RuleTarget): BindingTarget | undefined {
    const place = placeOf(arn)
    if (place?.kind === 'http') return place
    if (place?.kind === 'function') {
      const { name, qualifier } = place
      return { kind: 'function', function: name, ...(qualifier === undefined ? {} : { qualifier }) }
    }
    if (place?.kind !== 'destination') return undefined
    return { kind: 'http', url: this.#boundsOf(place.name)?.url ?? '', destination: place.name }
  }

  #binding(name: string, rule: RuleRecord, target: RuleTarget, to: BindingTarget): NewBinding {
    const { region, account, bus } = rule
    const letters = target.deadLetterArn === undefined ? undefined : placeOf(target.deadLetterArn)
    return {
      name,
      source: { kind: 'bus', name: bus, route: `${rule.rule}/${target.id}`, queue: `~${name}`, arn: ruleArn(rule) },
      filter: [],
      batch: { recordsMax: 1, windowMillis: 0, parallel: 1, partial: false },
      target: to,
      retry: { retriesMax: null, ageMillisMax: null, bisect: false },
      delivery: this.#delivery(target, to),
      ...(letters?.kind === 'queue' ? { deadLetter: { kind: 'queue', queue: letters.name } } : {}),
      paused: false,
      region,
      account,
    }
  }

  #delivery({ retry = {} }: RuleTarget, to: BindingTarget): RouteDelivery {
    const { retriesMax: tries = retriesDefault, ageSecondsMax = ageSecondsDefault } = retry
    const destination = to.kind === 'http' ? to.destination : undefined
    const bounds = destination === undefined ? undefined : this.#boundsOf(destination)
    return {
      ageMillisMax: ageSecondsMax * 1_000,
      retry: [
        { tries, delayMillisMin: retryMillisMin, delayMillisMax: retryMillisMax, curve: 'exponential', jitter: true },
      ],
      atOnce,
      answerMillisMax,
      ...(bounds === undefined ? {} : { perSecond: bounds.perSecond }),
    }
  }
}

/** What a binding has that does not change when its target's settings do; the rest is said anew. */
function kept({ revision, createdAt, modifiedAt }: BindingRecord) {
  return { revision, createdAt, modifiedAt }
}
