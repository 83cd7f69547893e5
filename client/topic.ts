import { type ErrorBody, MillraceError } from '../broker/wire/errors.ts'
import type { SubscriptionDescription, TopicDescription } from '../broker/wire/topic-description.ts'
import type { Connection } from './connection.ts'
import type { OutgoingMessage } from './queue-message.ts'
import { QueueReceiver, type ReceiveOptions } from './queue-receiver.ts'
import { type ListenOptions, TopicListener } from './topic-listener.ts'
import { endOfTurn } from './turn.ts'

/** What can be chosen about a topic. */
export interface TopicOptions {
  /** FIFO: take the SHA-256 of the data for a deduplication id that is not given. Default false. */
  readonly contentBasedDeduplication?: boolean
  /** FIFO: tell deduplication ids apart by group. Default false. */
  readonly deduplicationByGroup?: boolean
  /** FIFO: keep messages for so many days, so that they can be delivered again. Default 0. */
  readonly archiveDays?: number
  /** Data and attributes of one message. Default 256 KiB, at most 1 MiB. */
  readonly messageBytesMax?: number
  readonly tags?: Readonly<Record<string, string>>
}

/** A message to publish. */
export interface PublishMessage extends Omit<OutgoingMessage, 'delayMillis'> {
  /** A line about it, which envelopes carry. */
  readonly subject?: string
}

/** A message that was published: every queue and stream that gets it has it on disk. */
export interface PublishedMessage {
  readonly id: string
  /** Of FIFO topics. */
  readonly sequence?: number
  /** FIFO: it was published before, and nobody gets it twice. */
  readonly duplicate: boolean
}

/** Who gets what is published to a topic. */
export type TopicTarget =
  | { readonly queue: string }
  | { readonly stream: string }
  | { readonly topic: string }
  | { readonly function: string; readonly qualifier?: string }
  | { readonly http: string }

export interface TopicSubscriptionOptions {
  /** A filter policy, as SNS has them: `{ kind: ['order'], total: [{ numeric: ['>', 10] }] }`. Default: everything. */
  readonly filter?: object
  /** Whether the filter looks at attributes or into the data, which is JSON then. Default attributes. */
  readonly filterScope?: 'attributes' | 'body'
}

export interface PutSubscription extends TopicSubscriptionOptions {
  readonly target: TopicTarget
  /** The message as it is, or SNS's envelope around it. Default true for queues and streams. */
  readonly raw?: boolean
  /** The queue that gets what could not be delivered. */
  readonly deadLetter?: string
  /** For HTTP endpoints: SNS's delivery policy. */
  readonly deliveryPolicy?: object
}

/** Messages of one call. */
const messagesMax = 1_000

interface Waiting {
  readonly message: object
  readonly resolve: (published: PublishedMessage) => void
  readonly reject: (error: MillraceError) => void
}

/** A topic of a broker, by name; nothing is sent until something is asked of it. */
export class TopicHandle {
  readonly name: string
  readonly #connection: Connection
  readonly #path: string
  #waiting: Waiting[] = []

  constructor(connection: Connection, name: string) {
    this.name = name
    this.#connection = connection
    this.#path = `/v1/topics/${encodeURIComponent(name)}`
  }

  /**
   * Creates it, FIFO when `fifo` says so or its name ends in `.fifo`. One that exists with the same settings is taken as it is.
   * @throws topic_exists
   */
  async create(options: TopicOptions & { readonly fifo?: boolean } = {}): Promise<TopicDescription> {
    return (await this.#call('PUT', '', options)) as TopicDescription
  }

  /** @throws topic_not_found */
  async describe(): Promise<TopicDescription> {
    return (await this.#call('GET', '')) as TopicDescription
  }

  /** Changes settings; those left out stay. */
  async update(options: TopicOptions): Promise<TopicDescription> {
    return (await this.#call('PATCH', '', options)) as TopicDescription
  }

  /** Deletes it with all its subscriptions. */
  async delete(): Promise<void> {
    await this.#call('DELETE', '')
  }

  /**
   * Publishes a message; resolves when every queue and stream that gets it has it on disk, all of them in one commit. Those published in one
   * turn travel together.
   * @throws message_too_large, group_required, deduplication_required, publication_too_large, throttled, topic_not_found
   */
  publish(message: PublishMessage | string | Uint8Array): Promise<PublishedMessage> {
    const plain = typeof message === 'string' || message instanceof Uint8Array
    const { data, ...rest } = plain ? { data: message } : message
    const bytes = typeof data === 'string' ? encoder.encode(data) : data
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message: { ...rest, data: bytes }, resolve, reject })
      if (this.#waiting.length === 1) endOfTurn(() => this.#flush())
    })
  }

  /**
   * Listens: what is published from the moment this resolves on, until it is closed. With a `name` the subscription is durable: its messages
   * wait in a queue of its own, `TOPIC.NAME`, whoever takes them shares them with others of that name, and each is deleted once it is handled.
   * @throws topic_not_found, policy_invalid
   */
  subscribe(options: TopicSubscriptionOptions & ReceiveOptions & { readonly name: string }): Promise<QueueReceiver>
  subscribe(options?: TopicSubscriptionOptions & ListenOptions): Promise<TopicListener>
  async subscribe(
    options: TopicSubscriptionOptions & ReceiveOptions & { readonly name?: string } = {},
  ): Promise<QueueReceiver | TopicListener> {
    const { name, filter, filterScope, ...receive } = options
    const chosen = { ...(filter && { filter }), ...(filterScope && { filterScope }) }
    if (name === undefined) {
      const listener = this.#connection.add(new TopicListener(this.#connection, this.#path, chosen, receive))
      await listener.ready()
      return listener
    }
    const { fifo } = await this.describe()
    const queue = this.#queueOf(name, fifo)
    const path = `/v1/queues/${encodeURIComponent(queue)}`
    await this.#connection.endpoint.call({ method: 'PUT', path, body: fifo ? { fifo } : {} })
    await this.putSubscription(name, { target: { queue }, ...chosen })
    return this.#connection.add(new QueueReceiver(this.#connection, path, receive))
  }

  /** Ends a durable subscription, with what waits for it. */
  async unsubscribe(name: string): Promise<void> {
    const { fifo } = await this.describe()
    await this.deleteSubscription(name)
    const path = `/v1/queues/${encodeURIComponent(this.#queueOf(name, fifo))}`
    await this.#connection.endpoint.call({ method: 'DELETE', path })
  }

  /**
   * Has a queue, a stream, a function, an HTTP endpoint or another topic get what is published; changes the subscription of that name if
   * there is one.
   * @throws subscription_exists when that has another target, policy_invalid, queue_not_found, stream_not_found, function_not_found
   */
  async putSubscription(name: string, subscription: PutSubscription): Promise<SubscriptionDescription> {
    return (await this.#call(
      'PUT',
      `/subscriptions/${encodeURIComponent(name)}`,
      subscription,
    )) as SubscriptionDescription
  }

  /** @throws subscription_not_found */
  async deleteSubscription(name: string): Promise<void> {
    await this.#call('DELETE', `/subscriptions/${encodeURIComponent(name)}`)
  }

  /** Its subscriptions, by name. */
  async subscriptions(): Promise<SubscriptionDescription[]> {
    const all: SubscriptionDescription[] = []
    let after: string | undefined
    do {
      const query = { limit: '1000', ...(after === undefined ? {} : { after }) }
      const call = { method: 'GET', path: `${this.#path}/subscriptions`, query } as const
      const page = (await this.#connection.endpoint.call(call)) as {
        subscriptions: SubscriptionDescription[]
        next?: string
      }
      all.push(...page.subscriptions)
      after = page.next
    } while (after !== undefined)
    return all
  }

  #queueOf(name: string, fifo: boolean): string {
    return `${this.name.replace(/\.fifo$/, '')}.${name}${fifo ? '.fifo' : ''}`
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (let i = 0; i < waiting.length; i += messagesMax) this.#send(waiting.slice(i, i + messagesMax))
  }

  /** Not async: calls are sent in the order of what they carry. */
  #send(waiting: readonly Waiting[]): void {
    const sent = this.#call('POST', '/messages', { messages: waiting.map(({ message }) => message) })
    sent.then(
      (answer) => {
        const { messages } = answer as {
          messages: readonly (PublishedMessage | { readonly error: Partial<ErrorBody> })[]
        }
        for (const [i, { resolve, reject }] of waiting.entries()) {
          const result = messages[i]
          if (result === undefined || 'error' in result) reject(MillraceError.from(result?.error))
          else resolve(result)
        }
      },
      (error: unknown) => {
        for (const { reject } of waiting) reject(MillraceError.wrap(error))
      },
    )
  }

  #call(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const call = { method, path: this.#path + path }
    return this.#connection.endpoint.call(body === undefined ? call : { ...call, body })
  }
}

const encoder = new TextEncoder()
