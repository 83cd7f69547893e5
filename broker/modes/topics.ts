import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Bindings } from './bindings.ts'
import type { NewPublication } from './publication.ts'
import { RecordsTable } from './records-table.ts'
import { Topic } from './topic.ts'
import { type ArchiveLogs, TopicArchives } from './topic-archive.ts'
import { parseTopicPolicy } from './topic-delivery-policy.ts'
import { archiveOf, type SubscriptionRecord, type TopicRecord, type TopicSettings } from './topic-record.ts'
import { TopicReplays } from './topic-replay.ts'
import { TopicSigner } from './topic-signer.ts'
import { TopicSubscriptions } from './topic-subscriptions.ts'

export interface TopicsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly limits: Limits
  readonly strict: boolean
  readonly bindings: Bindings
  readonly publication: NewPublication
  readonly archives: ArchiveLogs
}

/** Who makes a topic: it shows in ARNs. */
export interface TopicOwner {
  readonly region: string
  readonly account: string
}

/** All topics of a broker, by name, and their subscriptions, kept in the catalog. */
export class Topics {
  readonly signer: TopicSigner
  readonly archives: TopicArchives
  readonly subscriptions: TopicSubscriptions
  readonly #options: TopicsOptions
  readonly #records: RecordsTable<TopicRecord>
  readonly #topics = new Map<string, Topic>()
  readonly #replays: TopicReplays

  private constructor(
    options: TopicsOptions,
    records: RecordsTable<TopicRecord>,
    subscriptions: RecordsTable<SubscriptionRecord>,
  ) {
    this.#options = options
    this.#records = records
    this.signer = new TopicSigner(options.store, options.clock)
    this.archives = new TopicArchives(options.archives)
    const find = (name: string) => this.find(name)
    const replay = (topic: Topic, subscription: SubscriptionRecord) => this.#replays.begin(topic, subscription)
    this.subscriptions = new TopicSubscriptions({ ...options, signer: this.signer, find, replay }, subscriptions)
    this.#replays = new TopicReplays({
      clock: options.clock,
      archives: this.archives,
      save: (topic, id, progress) => this.subscriptions.replayed(topic, id, progress),
      failed: (subscription, error) => this.subscriptions.failed(subscription, error),
    })
    for (const record of records.list()) this.#add(record)
    for (const record of subscriptions.list()) {
      const topic = this.find(record.topic)
      topic?.set(record)
      if (topic !== undefined) this.#replays.begin(topic, record)
    }
  }

  static async open(options: TopicsOptions): Promise<Topics> {
    const { store } = options
    const [records, subscriptions] = await Promise.all([
      RecordsTable.open<TopicRecord>(store, 'topic/'),
      RecordsTable.open<SubscriptionRecord>(store, 'topic-subscription/'),
    ])
    return new Topics(options, records, subscriptions)
  }

  find(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  /** @throws topic_not_found */
  get(name: string): Topic {
    const topic = this.find(name)
    if (topic === undefined) throw new MillraceError('topic_not_found', { topic: name })
    return topic
  }

  /** All of them, by name. */
  list(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /**
   * Creates a topic; settings that are left out have their defaults. One of that name that exists is returned if `accept` lets it pass.
   * @throws topic_exists when there is no `accept`, limit_exceeded, policy_invalid, and what `accept` throws
   */
  async create(
    name: string,
    settings: Partial<TopicSettings>,
    owner: TopicOwner,
    accept?: (topic: TopicRecord) => void,
  ): Promise<Topic> {
    const { clock, limits } = this.#options
    const all = { ...defaultTopicSettings(limits), ...settings }
    if (all.deliveryPolicy !== undefined) parseTopicPolicy(all.deliveryPolicy)
    await this.#records.change(name, async (there) => {
      if (there !== undefined) {
        if (accept === undefined) throw new MillraceError('topic_exists', { topic: name, setting: 'settings' })
        accept(there)
        return there
      }
      const limit = limits.topicsMax
      if (this.#records.size >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of topics', limit })
      // A topic that is there must be able to keep what it publishes.
      if (all.fifo) await this.archives.make(archiveOf(name), all)
      return { name, createdAt: clock.now(), ...owner, settings: all }
    })
    return this.find(name) ?? this.#add(this.#records.get(name) as TopicRecord)
  }

  /**
   * Changes settings as `change` says.
   * @throws topic_not_found, policy_invalid, and what `change` throws
   */
  async configure(name: string, change: (settings: TopicSettings) => TopicSettings): Promise<Topic> {
    const record = await this.#records.change(name, async (there) => {
      if (there === undefined) throw new MillraceError('topic_not_found', { topic: name })
      const settings = change(there.settings)
      if (settings.deliveryPolicy !== undefined) parseTopicPolicy(settings.deliveryPolicy)
      if (settings.fifo) await this.archives.configure(archiveOf(name), settings)
      return { ...there, settings }
    })
    const topic = this.get(name)
    const old = topic.record.settings.deliveryPolicy
    topic.record = record
    if (old !== record.settings.deliveryPolicy) await this.subscriptions.policyChanged(topic)
    return topic
  }

  /**
   * Deletes a topic with all its subscriptions, and what still waits for them.
   * @throws topic_not_found
   */
  async delete(name: string): Promise<void> {
    const topic = this.get(name)
    await this.#records.change(name, () => undefined)
    this.#topics.delete(name)
    for (const listener of [...topic.listeners]) listener.deleted()
    await this.subscriptions.removeAll(topic)
    if (topic.record.settings.fifo) await this.archives.remove(archiveOf(name))
  }

  /** Begins nothing more of its own. */
  close(): void {
    this.#replays.close()
  }

  #add(record: TopicRecord): Topic {
    const { clock, publication } = this.#options
    const { signer, archives } = this
    const topic = new Topic(record, {
      now: () => clock.now(),
      publication,
      signer,
      archives,
      find: (name) => this.find(name),
      route: (subscription) => this.subscriptions.route(subscription),
      failed: (subscription, error) => this.subscriptions.failed(subscription, error),
    })
    this.#topics.set(record.name, topic)
    return topic
  }
}

/** What a topic is created with where nothing else is chosen; these are SNS's defaults. */
export function defaultTopicSettings(limits: Limits): TopicSettings {
  return {
    fifo: false,
    contentBasedDeduplication: false,
    deduplicationByGroup: false,
    archiveDays: 0,
    messageBytesMax: limits.topicMessageBytesDefault,
    signatureVersion: 1,
    kept: {},
    tags: {},
  }
}
