import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { BindingTarget, RouteBinding, RouteDelivery } from '../wire/binding.ts'
import { isRoute } from '../wire/binding.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Bindings, NewBinding } from './bindings.ts'
import type { NewPublication } from './publication.ts'
import type { RecordsTable } from './records-table.ts'
import type { Topic } from './topic.ts'
import {
  effectivePolicy,
  endpointDelivery,
  functionDelivery,
  parseSubscriptionPolicy,
} from './topic-delivery-policy.ts'
import { confirmationEnvelope, confirmationOf, confirmationToSign } from './topic-envelope.ts'
import { compileFilter } from './topic-filter.ts'
import { endpointHeaders, linksOf } from './topic-notice.ts'
import {
  bindingOf,
  type ReplayProgress,
  type SubscriptionRecord,
  type SubscriptionSettings,
  subscriptionArn,
  topicArn,
} from './topic-record.ts'
import type { TopicSigner } from './topic-signer.ts'

export interface SubscriptionsOptions {
  /** Begins the replay that a subscription asks for. */
  readonly replay: (topic: Topic, subscription: SubscriptionRecord) => void
  readonly clock: Clock
  readonly limits: Limits
  readonly strict: boolean
  readonly bindings: Bindings
  readonly publication: NewPublication
  readonly signer: TopicSigner
  readonly find: (name: string) => Topic | undefined
}

/** What a subscription says of itself when it is made; an id is made up where none is given. */
export type NewSubscription = Pick<
  SubscriptionRecord,
  'protocol' | 'endpoint' | 'target' | 'settings' | 'region' | 'account' | 'origin'
> & {
  readonly id?: string
  /** Whether its endpoint has to say yes before it gets anything. */
  readonly confirm: boolean
}

/** Why the last message that was for a subscription did not get there. */
export interface SubscriptionFailure {
  readonly message: string
  readonly at: number
}

/** The subscriptions of all topics. Those to functions and HTTP endpoints have a binding each, which is kept as they are. */
export class TopicSubscriptions {
  readonly #options: SubscriptionsOptions
  readonly #records: RecordsTable<SubscriptionRecord>
  readonly #failures = new Map<string, SubscriptionFailure>()

  constructor(options: SubscriptionsOptions, records: RecordsTable<SubscriptionRecord>) {
    this.#options = options
    this.#records = records
  }

  /**
   * Subscribes. One that has to be confirmed is asked at once, by a message that carries its token.
   * @throws subscription_exists, limit_exceeded, policy_invalid, invalid_field
   */
  async add(topic: Topic, given: NewSubscription): Promise<SubscriptionRecord> {
    const { clock, limits, strict } = this.#options
    const { id = randomUUID(), confirm, ...rest } = given
    this.#check(given.settings)
    this.#requireNoCircle(topic, given)
    const name = `${topic.name}/${id}`
    const record = await this.#records.change(name, async (there) => {
      if (there !== undefined) throw new MillraceError('subscription_exists', { topic: topic.name, subscription: id })
      const limit = limits.subscriptionsPerTopicMax
      if (topic.subscriptions.size >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of subscriptions', limit })
      const filters = limits.filteredSubscriptionsStrictMax
      if (strict && given.settings.filter !== undefined && topic.filtered >= filters)
        throw new MillraceError('limit_exceeded', { what: 'The number of filter policies', limit: filters })
      const token = confirm ? { token: randomBytes(64).toString('hex') } : {}
      const made = { name, topic: topic.name, id, authenticated: false, createdAt: clock.now(), ...rest, ...token }
      const binding = this.#bindingFor(topic, made)
      if (binding !== undefined) await this.#bind(binding)
      return made
    })
    topic.set(record)
    this.#options.replay(topic, record)
    if (record.token !== undefined && record.target.kind === 'http')
      await this.askToConfirm(topic, record, record.token)
    return record
  }

  /** @throws subscription_not_found */
  get(topic: Topic, id: string): SubscriptionRecord {
    const record = topic.subscriptions.get(id)
    if (record === undefined) throw new MillraceError('subscription_not_found', { topic: topic.name, subscription: id })
    return record
  }

  /** Of all topics, by topic and id. */
  list(): SubscriptionRecord[] {
    return this.#records.list()
  }

  /**
   * Changes what was chosen about a subscription.
   * @throws subscription_not_found, policy_invalid, and what `change` throws
   */
  async configure(
    topic: Topic,
    id: string,
    change: (settings: SubscriptionSettings) => SubscriptionSettings,
  ): Promise<SubscriptionRecord> {
    const record = await this.#change(topic, id, (there) => ({ ...there, settings: change(there.settings) }))
    await this.#bindAgain(topic, record)
    this.#options.replay(topic, record)
    return record
  }

  /** Keeps how far a replay has come, if that is still the one that is wanted. */
  async replayed(topic: Topic, id: string, progress: ReplayProgress): Promise<SubscriptionRecord | undefined> {
    const isWanted = () => topic.subscriptions.get(id)?.settings.replay?.id === progress.id
    return isWanted() ? this.#change(topic, id, (there) => ({ ...there, replayed: progress })) : undefined
  }

  /**
   * Confirms the subscription that has `token`; the same token may come again.
   * @throws token_invalid
   */
  async confirm(topic: Topic, token: string, authenticated: boolean): Promise<SubscriptionRecord> {
    const { clock, limits } = this.#options
    const is = (other: string | undefined) => other !== undefined && isSame(other, token)
    const found = [...topic.subscriptions.values()].find((each) => is(each.token) || is(each.confirmedBy))
    const late = found !== undefined && clock.now() > found.createdAt + limits.confirmationMillisMax
    if (found === undefined || late) throw new MillraceError('token_invalid', { topic: topic.name })
    if (found.token === undefined) return found
    return this.#change(topic, found.id, ({ token: _, ...there }) => ({ ...there, confirmedBy: token, authenticated }))
  }

  /** Ends a subscription, and drops what still waits for it. */
  async remove(topic: Topic, id: string): Promise<void> {
    const record = this.get(topic, id)
    topic.remove(id)
    await this.#forget(record)
  }

  /** Those of a topic that is gone. */
  async removeAll(topic: Topic): Promise<void> {
    const all = [...topic.subscriptions.values()]
    for (const { id } of all) topic.remove(id)
    for (const record of all) await this.#forget(record)
  }

  /** The topic's delivery policy is another one: endpoints without one of their own go by it. */
  async policyChanged(topic: Topic): Promise<void> {
    for (const record of [...topic.subscriptions.values()]) await this.#bindAgain(topic, record)
  }

  /** The binding of a subscription of a function or an endpoint. */
  route(record: SubscriptionRecord): RouteBinding {
    const binding = this.#options.bindings.get(bindingOf(record))
    if (!isRoute(binding)) throw new MillraceError('binding_exists', { binding: binding.name })
    return binding
  }

  /** Something for a subscription could not be published. */
  failed(record: SubscriptionRecord, error: MillraceError): void {
    this.#failures.set(record.name, { message: error.message, at: this.#options.clock.now() })
  }

  /** Why the last message for it did not get there; of one that is worked by a binding, that tells more. */
  failure(record: SubscriptionRecord): SubscriptionFailure | undefined {
    const status = this.#options.bindings.status(bindingOf(record))
    if (status?.lastError !== undefined) return { message: status.lastError, at: status.at }
    return this.#failures.get(record.name)
  }

  async #change(
    topic: Topic,
    id: string,
    change: (record: SubscriptionRecord) => SubscriptionRecord,
  ): Promise<SubscriptionRecord> {
    const { name } = this.get(topic, id)
    const record = await this.#records.change(name, (there) => {
      if (there === undefined)
        throw new MillraceError('subscription_not_found', { topic: topic.name, subscription: id })
      const changed = change(there)
      this.#check(changed.settings)
      return changed
    })
    topic.set(record)
    return record
  }

  #check({ filter, deliveryPolicy }: SubscriptionSettings): void {
    if (filter !== undefined) compileFilter(filter)
    if (deliveryPolicy !== undefined) parseSubscriptionPolicy(deliveryPolicy)
  }

  /** A topic that gets what it publishes would publish it for ever. */
  #requireNoCircle(topic: Topic, { target }: NewSubscription): void {
    if (target.kind !== 'topic') return
    const reached = new Set([target.topic])
    for (const name of reached) {
      if (name === topic.name) {
        const reason = `leads back to topic ${topic.name}`
        throw new MillraceError('invalid_field', { field: 'target.topic', reason })
      }
      for (const { target: next } of this.#options.find(name)?.subscriptions.values() ?? []) {
        if (next.kind === 'topic') reached.add(next.topic)
      }
    }
  }

  async #forget(record: SubscriptionRecord): Promise<void> {
    const { bindings } = this.#options
    await this.#records.change(record.name, () => undefined)
    this.#failures.delete(record.name)
    if (bindings.records.get(bindingOf(record)) !== undefined) await bindings.delete(bindingOf(record))
  }

  /** A crash may have left the binding of a subscription that was never made. */
  async #bind(binding: NewBinding): Promise<void> {
    const { bindings } = this.#options
    if (bindings.records.get(binding.name) === undefined) await bindings.create(binding)
    else await bindings.change(binding.name, (there) => ({ ...there, ...binding }))
  }

  async #bindAgain(topic: Topic, record: SubscriptionRecord): Promise<void> {
    const binding = this.#bindingFor(topic, record)
    if (binding === undefined) return
    await this.#options.bindings.change(binding.name, ({ revision, createdAt, modifiedAt, paused }) => {
      return { ...binding, paused, revision, createdAt, modifiedAt }
    })
  }

  #bindingFor(topic: Topic, record: SubscriptionRecord): NewBinding | undefined {
    const { target, settings, region, account, id } = record
    if (target.kind !== 'function' && target.kind !== 'http') return undefined
    const delivery = deliveryOf(topic, target, settings)
    const { deadLetter } = settings
    return {
      name: bindingOf(record),
      source: {
        kind: 'topic',
        name: topic.name,
        route: id,
        queue: `~${bindingOf(record)}`,
        arn: subscriptionArn(record),
      },
      filter: [],
      batch: { recordsMax: 1, windowMillis: 0, parallel: delivery.atOnce, partial: false },
      target,
      retry: { retriesMax: null, ageMillisMax: null, bisect: false },
      delivery,
      ...(deadLetter === undefined ? {} : { deadLetter: { kind: 'queue', queue: deadLetter } }),
      paused: false,
      region,
      account,
    }
  }

  /** Sends an endpoint the message that it has to answer before it gets anything else. */
  async askToConfirm(topic: Topic, record: SubscriptionRecord, token: string): Promise<void> {
    const { clock, signer, publication: begin } = this.#options
    const id = randomUUID()
    const time = clock.now()
    const arn = topicArn(topic.record)
    const confirmation = confirmationOf(linksOf(record), arn, token, id, time)
    const { signatureVersion: version } = topic.record.settings
    const { name: certificate } = await signer.signing()
    const signature = await signer.sign(confirmationToSign(confirmation), version)
    const payload = confirmationEnvelope(confirmation, { version, signature, certificate }, record.origin)
    const publication = begin()
    const headers = endpointHeaders(arn, id, 'SubscriptionConfirmation')
    publication.toHidden(this.route(record), { id, time, payload, headers })
    await publication.commit()
  }
}

function deliveryOf(topic: Topic, target: BindingTarget, { deliveryPolicy }: SubscriptionSettings): RouteDelivery {
  if (target.kind === 'function') return functionDelivery
  return endpointDelivery(effectivePolicy(topic.record.settings.deliveryPolicy, deliveryPolicy))
}

/** Takes as long for a token that is nearly right as for any other. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
