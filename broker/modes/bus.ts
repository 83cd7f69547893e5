import type { Log } from '../log/log.ts'
import type { RouteBinding } from '../wire/binding.ts'
import { MillraceError } from '../wire/errors.ts'
import { Pattern, PatternIndex } from '../wire/pattern.ts'
import type { BusEvent } from './bus-event.ts'
import type { Publishing } from './bus-publishing.ts'
import type { BusRecord, RuleRecord, RuleTarget } from './bus-record.ts'
import {
  letterAttributes,
  placeOf,
  type ReadyTarget,
  readyTarget,
  requestOf,
  type TargetPlace,
  type TargetRequest,
} from './bus-target.ts'
import type { Publication } from './publication.ts'

/** How a rule fares, since the start. */
export interface RuleStatus {
  readonly matched: number
  /** Events that could not be handed to one of its targets. */
  readonly failed: number
  readonly lastError?: string
  readonly lastErrorAt?: number
}

/** What a bus must know of its surroundings, without knowing what a queue or a topic is. */
export interface BusSurroundings {
  now(): number
  bus(name: string): Bus | undefined
  /**
   * Puts the message of a target that is a topic where its subscriptions get it; resolves with what is to be called once that is durable.
   * Rejects when there is none.
   */
  toTopic(publication: Publication, arn: string, body: Uint8Array): Promise<() => void>
  /** The binding that delivers to a target. */
  binding(name: string): RouteBinding | undefined
  /** @throws destination_not_found */
  destination(name: string): { readonly url: string; readonly method: string }
  /** A rule's target could not be given an event. */
  onFailure(error: MillraceError): void
}

/** A rule, ready to be matched. */
interface ReadyRule {
  readonly record: RuleRecord
  readonly targets: readonly ReadyTarget[]
  readonly status: { -readonly [K in keyof RuleStatus]: RuleStatus[K] }
}

/** How an event is on its way to a target. */
interface Sending {
  readonly publishing: Publishing
  /** Whether it comes from another bus. */
  readonly passed: boolean
  readonly failed: (error: MillraceError) => void
}

/** One event bus: its rules, found by their patterns, and the log that its events are kept in. */
export class Bus {
  record: BusRecord
  /** Undefined until the first event. */
  log: Log | undefined
  readonly #around: BusSurroundings
  readonly #rules = new Map<string, ReadyRule>()
  readonly #index = new PatternIndex<string>()

  constructor(record: BusRecord, log: Log | undefined, around: BusSurroundings) {
    this.record = record
    this.log = log
    this.#around = around
  }

  get name(): string {
    return this.record.name
  }

  get ruleCount(): number {
    return this.#rules.size
  }

  /** All rules, by name. */
  rules(): RuleRecord[] {
    return [...this.#rules.values()].map(({ record }) => record).sort((a, b) => (a.rule < b.rule ? -1 : 1))
  }

  findRule(rule: string): RuleRecord | undefined {
    return this.#rules.get(rule)?.record
  }

  /** @throws rule_not_found */
  rule(rule: string): RuleRecord {
    const found = this.findRule(rule)
    if (found === undefined) throw new MillraceError('rule_not_found', { bus: this.name, rule })
    return found
  }

  status(rule: string): RuleStatus {
    return this.#rules.get(rule)?.status ?? { matched: 0, failed: 0 }
  }

  /** Takes up a rule as it is now. */
  set(record: RuleRecord): void {
    const status = this.#rules.get(record.rule)?.status ?? { matched: 0, failed: 0 }
    this.#rules.set(record.rule, { record, targets: record.targets.map(readyTarget), status })
    if (record.enabled && record.pattern !== undefined) this.#index.set(record.rule, Pattern.compile(record.pattern))
    else this.#index.delete(record.rule)
  }

  remove(rule: string): void {
    this.#rules.delete(rule)
    this.#index.delete(rule)
  }

  /**
   * Adds to `publishing` what is to be done about an event: it is kept, unless it comes again, and goes to the targets of the rules
   * that match it; of `only` those rules, if there are any. `passed`: it comes from another bus.
   */
  publish(
    event: BusEvent,
    publishing: Publishing,
    { passed = false, kept = true, only }: { passed?: boolean; kept?: boolean; only?: ReadonlySet<string> } = {},
  ): void {
    if (kept) this.#keep(event, publishing)
    for (const name of this.#index.match(event.value)) {
      if (only !== undefined && !only.has(name)) continue
      this.#apply(this.#rules.get(name) as ReadyRule, event, publishing, passed)
    }
  }

  /** Adds what a rule with a schedule does when it is due. */
  fire(rule: string, event: BusEvent, publishing: Publishing): void {
    const ready = this.#rules.get(rule)
    if (ready === undefined || !ready.record.enabled) return
    this.#keep(event, publishing)
    this.#apply(ready, event, publishing, false)
  }

  /** A rule with a schedule was due and could not do what it does. */
  failedToFire(rule: string, error: MillraceError): void {
    const ready = this.#rules.get(rule)
    if (ready !== undefined) this.#told(ready, 'its targets', error)
  }

  #keep(event: BusEvent, { publication }: Publishing): void {
    if (this.log === undefined) throw new MillraceError('internal', { reason: `bus ${this.name} has no log yet` })
    publication.toLog(this.log, { key: keyOf(event), data: Buffer.from(event.text) })
  }

  #apply(rule: ReadyRule, event: BusEvent, publishing: Publishing, passed: boolean): void {
    rule.status.matched++
    for (const target of rule.targets) {
      const failed = (error: MillraceError) => this.#failed(target, rule, event, publishing.publication, error)
      try {
        this.#send(target, rule.record, event, { publishing, passed, failed })
      } catch (error) {
        failed(MillraceError.wrap(error))
      }
    }
  }

  #send(
    { target, place, shape, keyOf: key }: ReadyTarget,
    rule: RuleRecord,
    event: BusEvent,
    { publishing, passed, failed }: Sending,
  ): void {
    const { publication } = publishing
    if (place === undefined) throw new MillraceError('target_unsupported', { arn: target.arn })
    const text = shape(event, rule)
    switch (place.kind) {
      case 'queue':
        publication.toQueue(place.name, {
          body: Buffer.from(text),
          ...(target.group === undefined ? {} : { group: target.group }),
          ...(event.trace === undefined ? {} : { trace: event.trace }),
        })
        break
      case 'stream':
        publication.toStream(place.name, { key: key(event), data: Buffer.from(text) })
        break
      case 'topic':
        publishing.add(this.#around.toTopic(publication, place.arn, Buffer.from(text)), failed)
        break
      case 'bus':
        this.#pass(place.name, event, publishing, passed)
        break
      default: {
        const delivery = { id: event.id, payload: Buffer.from(text), time: event.ingestedAt }
        const request = this.#request(target, place, event)
        const traced = event.trace === undefined ? {} : { trace: event.trace }
        // A dead letter names the target as its rule does.
        const attributes = { TARGET_ARN: { type: 'String', value: target.arn } }
        publication.toHidden(this.#binding(target), { ...delivery, ...request, ...traced, attributes })
      }
    }
  }

  #request(target: RuleTarget, place: TargetPlace, event: BusEvent): Partial<TargetRequest> {
    if (place.kind === 'http') return requestOf(target, { url: place.url, method: 'POST' }, event)
    return place.kind === 'destination' ? requestOf(target, this.#around.destination(place.name), event) : {}
  }

  /** An event goes from one bus to another once, so that two that name each other do not go on for ever. */
  #pass(name: string, event: BusEvent, publishing: Publishing, passed: boolean): void {
    const bus = this.#around.bus(name)
    if (bus === undefined) throw new MillraceError('bus_not_found', { bus: name })
    if (passed) throw new MillraceError('event_malformed', { reason: 'it came from another bus already' })
    bus.publish(event, publishing, { passed: true })
  }

  #binding({ binding, arn }: RuleTarget): RouteBinding {
    const found = binding === undefined ? undefined : this.#around.binding(binding)
    if (found === undefined) throw new MillraceError('binding_not_found', { binding: binding ?? arn })
    return found
  }

  /** What cannot go to a target now never can: it is told aloud, and goes to the dead-letter queue. */
  #failed(
    { target, shape }: ReadyTarget,
    rule: ReadyRule,
    event: BusEvent,
    publication: Publication,
    error: MillraceError,
  ): void {
    this.#told(rule, target.id, error)
    const queue = target.deadLetterArn === undefined ? undefined : placeOf(target.deadLetterArn)
    if (queue?.kind !== 'queue') return
    try {
      const body = Buffer.from(shape(event, rule.record))
      publication.toQueue(queue.name, { body, attributes: letterAttributes(rule.record, target, error) })
    } catch (lost) {
      this.#told(rule, `dead-letter queue of ${target.id}`, MillraceError.wrap(lost))
    }
  }

  #told({ record, status }: ReadyRule, target: string, error: MillraceError): void {
    const news = `${target}: ${error.message}`
    // The same failure a thousand times over is told once.
    const isNews = status.lastError !== news
    status.failed++
    status.lastError = news
    status.lastErrorAt = this.#around.now()
    if (!isNews) return
    const details = { bus: this.name, rule: record.rule, target, reason: error.message }
    this.#around.onFailure(new MillraceError('delivery_failed', details, error))
  }
}

const keyCharactersMax = 256

/** Records of a log have a key; events go by their source. */
function keyOf({ source }: BusEvent): string {
  return source.slice(0, keyCharactersMax) || '-'
}
