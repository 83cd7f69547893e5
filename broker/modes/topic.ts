import { randomUUID } from 'node:crypto'
import type { RouteBinding } from '../wire/binding.ts'
import { MillraceError } from '../wire/errors.ts'
import { PatternIndex } from '../wire/pattern.ts'
import type { NewPublication, Publication } from './publication.ts'
import type { TopicArchives } from './topic-archive.ts'
import { attributesEvent, bodyEvent, compileFilter } from './topic-filter.ts'
import { type Identity, TopicNotice } from './topic-notice.ts'
import {
  archiveOf,
  type Published,
  type SubscriptionRecord,
  type TopicMessage,
  type TopicRecord,
} from './topic-record.ts'
import type { TopicSigner } from './topic-signer.ts'

/** What a topic needs of all others, and of the rest of the broker. */
export interface TopicContext {
  readonly now: () => number
  readonly publication: NewPublication
  readonly signer: TopicSigner
  readonly archives: TopicArchives
  /** The topic of that name, if there is one. */
  readonly find: (name: string) => Topic | undefined
  /** The binding of a subscription of a function or an endpoint. */
  readonly route: (subscription: SubscriptionRecord) => RouteBinding
  /** Something could not be published for a subscription: others got it all the same. */
  readonly failed: (subscription: SubscriptionRecord, error: MillraceError) => void
}

/** Somebody who listens while messages are published, and misses what is published when he doesn't. */
export interface TopicListener {
  /** A message is durable with all who keep it. */
  published(message: TopicMessage, identity: Identity): void
  /** The topic is gone. */
  deleted(): void
}

/** A message, and those subscriptions of one topic that get it. */
interface Share {
  readonly topic: Topic
  readonly notice: TopicNotice
  readonly subscriptions: readonly SubscriptionRecord[]
}

/** A topic: what is published reaches all subscriptions whose filter it matches, those of this broker's logs in one commit. */
export class Topic {
  record: TopicRecord
  readonly #context: TopicContext
  readonly subscriptions = new Map<string, SubscriptionRecord>()
  readonly listeners = new Set<TopicListener>()
  readonly #unfiltered = new Map<string, SubscriptionRecord>()
  readonly #byAttributes = new PatternIndex<string>()
  readonly #byBody = new PatternIndex<string>()
  /** FIFO: publications come to be committed in the order they came. */
  #line: Promise<unknown> = Promise.resolve()
  /** FIFO: the number of the last message; unknown until the first one after a start. */
  #sequence: number | undefined

  constructor(record: TopicRecord, context: TopicContext) {
    this.record = record
    this.#context = context
  }

  get name(): string {
    return this.record.name
  }

  /** Takes up a subscription, or what it changed to. */
  set(subscription: SubscriptionRecord): void {
    const { id, token, settings, target } = subscription
    this.remove(id)
    this.subscriptions.set(id, subscription)
    if (token !== undefined || target.kind === 'mail') return
    if (settings.filter === undefined) this.#unfiltered.set(id, subscription)
    else (settings.filterScope === 'body' ? this.#byBody : this.#byAttributes).set(id, compileFilter(settings.filter))
  }

  remove(id: string): void {
    this.subscriptions.delete(id)
    this.#unfiltered.delete(id)
    this.#byAttributes.delete(id)
    this.#byBody.delete(id)
  }

  /** How many subscriptions have a filter policy. */
  get filtered(): number {
    return this.#byAttributes.size + this.#byBody.size
  }

  /**
   * Publishes a message; resolves when all who keep it in this broker have it on disk, and what is for others waits for them there.
   * @throws message_too_large, group_required, deduplication_required, publication_too_large, throttled
   */
  async publish(message: TopicMessage): Promise<Published> {
    if (this.record.settings.fifo) return this.#publishInOrder(message)
    const identity = { id: randomUUID(), time: this.#context.now(), sequence: undefined }
    const shares = this.#shares(message, identity)
    await this.#sign(shares)
    await this.#gather(shares).commit()
    this.#tell(shares)
    return { id: identity.id, duplicate: false }
  }

  /**
   * Has a message go out with what else `publication` holds; of standard topics. Resolves, once it is in there, with what is to be called when that
   * is durable.
   * @throws message_too_large, group_required for FIFO topics
   */
  async addTo(publication: Publication, message: TopicMessage): Promise<() => void> {
    if (this.record.settings.fifo) throw new MillraceError('group_required', { queue: this.name })
    const shares = this.#shares(message, { id: randomUUID(), time: this.#context.now(), sequence: undefined })
    await this.#sign(shares)
    this.#gather(shares, publication)
    return () => this.#tell(shares)
  }

  /** Delivers a message of the archive to one subscription again. */
  async replay(subscription: SubscriptionRecord, message: TopicMessage, identity: Identity): Promise<void> {
    const notice = new TopicNotice(this.record, message, identity)
    const wanted = this.#matching(message).some(({ id }) => id === subscription.id)
    if (!wanted) return
    const shares = [{ topic: this, notice, subscriptions: [subscription] }]
    await this.#sign(shares)
    await this.#gather(shares).commit()
  }

  /** The subscriptions that get a message. */
  #matching(message: TopicMessage): SubscriptionRecord[] {
    const found = [...this.#unfiltered.values()]
    const ids = this.#byAttributes.size === 0 ? [] : this.#byAttributes.match(attributesEvent(message.attributes))
    const body = this.#byBody.size === 0 ? undefined : bodyEvent(message)
    if (body !== undefined) ids.push(...this.#byBody.match(body))
    for (const id of ids) found.push(this.subscriptions.get(id) as SubscriptionRecord)
    return found
  }

  /** Who gets a message, through topics that subscribe to topics; none of them twice. */
  #shares(message: TopicMessage, identity: Identity): Share[] {
    const shares: Share[] = []
    const seen = new Set<Topic>([this])
    for (const topic of seen) {
      const subscriptions = topic.#matching(message)
      const notice = new TopicNotice(topic.record, message, identity)
      notice.requireFit()
      shares.push({ topic, notice, subscriptions: subscriptions.filter(({ target }) => target.kind !== 'topic') })
      for (const { target } of subscriptions) {
        const next = target.kind === 'topic' ? this.#context.find(target.topic) : undefined
        if (next !== undefined) seen.add(next)
      }
    }
    return shares
  }

  async #sign(shares: readonly Share[]): Promise<void> {
    for (const { notice, subscriptions } of shares) await notice.sign(subscriptions, this.#context.signer)
  }

  #gather(shares: readonly Share[], publication = this.#context.publication()): Publication {
    for (const { notice, subscriptions } of shares) {
      for (const subscription of subscriptions) this.#put(publication, notice, subscription)
    }
    return publication
  }

  /** Has a subscription get it; where that cannot be, its dead letter queue. */
  #put(publication: Publication, notice: TopicNotice, subscription: SubscriptionRecord): void {
    try {
      this.#putTo(publication, notice, subscription)
    } catch (error) {
      const wrapped = MillraceError.wrap(error)
      this.#context.failed(subscription, wrapped)
      const { deadLetter } = subscription.settings
      if (deadLetter === undefined) return
      try {
        publication.toQueue(deadLetter, this.#queueMessage(notice, subscription, notice.body(subscription)))
      } catch (fault) {
        this.#context.failed(subscription, MillraceError.wrap(fault))
      }
    }
  }

  #putTo(publication: Publication, notice: TopicNotice, subscription: SubscriptionRecord): void {
    const { target } = subscription
    const { route } = this.#context
    if (target.kind === 'queue') {
      const message = this.#queueMessage(notice, subscription, notice.body(subscription))
      publication.toQueue(target.queue, { ...message, attributes: notice.attributes(subscription) })
    } else if (target.kind === 'stream') {
      const key = notice.message.group ?? notice.identity.id
      publication.toStream(target.stream, { key, data: notice.body(subscription) })
    } else if (target.kind === 'function') {
      publication.toHidden(route(subscription), notice.forFunction(subscription))
    } else if (target.kind === 'http') {
      publication.toHidden(route(subscription), notice.forEndpoint(subscription))
    }
  }

  #queueMessage({ message, identity }: TopicNotice, { target }: SubscriptionRecord, body: Uint8Array) {
    const { group, trace } = message
    const deduplicationId = message.deduplicationId ?? (target.kind === 'queue' ? undefined : identity.id)
    return { body, group, deduplicationId, trace }
  }

  #tell(shares: readonly Share[]): void {
    for (const { topic, notice } of shares) {
      for (const listener of topic.listeners) listener.published(notice.message, notice.identity)
    }
  }

  /** Of FIFO topics: each message once, and each behind what was published before it. */
  async #publishInOrder(given: TopicMessage): Promise<Published> {
    const message = this.#context.archives.identified(this.record, given)
    const work = this.#line.then(() => this.#prepareInOrder(message))
    // Who publishes hears of what fails; the next one is published all the same.
    this.#line = work.catch(() => undefined)
    const { shares, identity, committed } = await work
    const gate = await committed
    if (gate?.duplicate === true) {
      const first = await this.#context.archives.identityAt(archiveOf(this.name), gate.sequence)
      return { id: first.id, sequence: first.sequence, duplicate: true }
    }
    this.#tell(shares)
    return { id: identity.id, sequence: identity.sequence, duplicate: false }
  }

  async #prepareInOrder(message: TopicMessage) {
    const { archives, now } = this.#context
    const archive = archiveOf(this.name)
    const time = now()
    this.#sequence ??= await archives.lastSequence(archive)
    // Numbers leave room between milliseconds, and go on where they were if the clock was set back.
    this.#sequence = Math.max(this.#sequence + 1, time * 1_000)
    const identity = { id: randomUUID(), time, sequence: this.#sequence }
    const shares = this.#shares(message, identity)
    await this.#sign(shares)
    const publication = this.#gather(shares)
    publication.unlessKnown(archive, archives.pack(message, identity))
    // Not awaited here: the next one may join the same commit.
    const committed = publication.commit()
    // Whoever published waits for it too, a turn later, and hears of its failure.
    committed.catch(() => undefined)
    return { shares, identity, committed }
  }
}
