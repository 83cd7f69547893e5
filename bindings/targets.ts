import { createHash } from 'node:crypto'
import type { BindingRecord, BindingTarget, RouteBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { OutgoingDelivery } from '../broker/wire/outgoing-delivery.ts'
import type { Client } from '../client/index.ts'
import { ApiDestinations, type ConnectionOf } from './api-destinations.ts'
import { putEvents } from './bus-events.ts'
import { HttpTarget } from './http-target.ts'
import { QueueCalls } from './queue-calls.ts'
import { postToSockets } from './socket-messages.ts'
import type { Time } from './time.ts'

/** How a delivery to a target ended. */
export interface Delivered {
  readonly failed: boolean
  /** The answer, or the error. */
  readonly payload: Uint8Array
  readonly requestId: string
  /** The version of the function that ran. */
  readonly version: string
  /** HTTP: what the endpoint answered with, and how long it asks to be left alone. */
  readonly status?: number
  readonly retryAfterMillis?: number
}

/** A record or message on its way to a log of this broker. */
export interface DeliveryItem {
  /** Keeps those of one key in order. */
  readonly key: string
  readonly data: Uint8Array
  /** Tells it from all others of its source. */
  readonly id: string
}

/** What is delivered: as one event, or one by one. */
export interface Delivery {
  readonly event: () => Uint8Array
  readonly items: readonly DeliveryItem[]
}

type By = Pick<BindingRecord, 'source' | 'region' | 'account'>

const nothing = new Uint8Array(0)
const taken: Delivered = { failed: false, payload: nothing, requestId: '', version: '' }

/** How long an endpoint of a route may take (SNS: 15 seconds). */
const routeAnswerMillis = 15_000

export interface TargetsOptions {
  /** Whether HTTP may go to addresses of this machine and its network. */
  readonly privateAddresses: boolean
  /** How API destinations let calls in; without it there are none. */
  readonly connectionOf?: ConnectionOf
}

/** Whatever bindings deliver to. */
export class Targets {
  readonly #client: Client
  readonly #time: Time
  readonly #http: HttpTarget
  readonly #destinations: ApiDestinations

  constructor(client: Client, time: Time, { privateAddresses, connectionOf = noConnections }: TargetsOptions) {
    this.#client = client
    this.#time = time
    this.#http = new HttpTarget(privateAddresses)
    this.#destinations = new ApiDestinations(this.#http, time, connectionOf)
  }

  /**
   * Delivers to a target and waits for how that ended.
   * @throws MillraceError when it could not be delivered: throttled, gone, draining
   */
  async deliver(target: BindingTarget, delivery: Delivery, by: By): Promise<Delivered> {
    switch (target.kind) {
      case 'function':
        return this.#invoke(target, delivery, by)
      case 'http':
        return this.#http.send({ url: target.url, body: delivery.event() })
      case 'stream':
        return this.#append(() =>
          Promise.all(delivery.items.map(({ key, data }) => this.#client.stream(target.stream).put({ key, data }))),
        )
      case 'queue':
        return this.#send(target.queue, delivery, by)
      case 'topic':
        return this.#publish(target.topic, delivery, by)
      case 'bus':
        return this.#append(() => putEvents(this.#client, target, delivery.items, by.source))
      case 'sockets':
        return this.#append(() => postToSockets(this.#client, target, delivery.items))
    }
  }

  /**
   * Delivers what was published for a route: a function has it when that is on disk, an endpoint when it has answered.
   * @throws MillraceError when it could not be delivered: throttled, gone, draining
   */
  async send({ target, delivery, ...by }: RouteBinding, outgoing: OutgoingDelivery): Promise<Delivered> {
    const { payload, url, method, headers, id, trace } = outgoing
    if (target.kind === 'http') {
      const { answerMillisMax = routeAnswerMillis } = delivery
      const given = { ...(method === undefined ? {} : { method }), ...(headers === undefined ? {} : { headers }) }
      const request = { ...given, url: url ?? target.url, body: payload, answerMillisMax }
      if (target.destination !== undefined) return this.#destinations.send(target.destination, request)
      return this.#http.send(request)
    }
    if (target.kind !== 'function')
      return this.deliver(target, { event: () => payload, items: [{ key: id, data: payload, id }] }, by)
    const { region, account } = by
    const { function: name, qualifier } = target
    const known = {
      ...(qualifier === undefined ? {} : { qualifier }),
      ...(trace === undefined ? {} : { traceId: trace }),
    }
    const body = { payload, region, account, wait: false, requestId: id, ...known }
    await this.#client.endpoint.call({ method: 'POST', path: invocationsOf(name), body })
    return taken
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  async #invoke(
    { function: name, qualifier }: Extract<BindingTarget, { kind: 'function' }>,
    { event }: Delivery,
    { region, account }: By,
  ): Promise<Delivered> {
    const body = { payload: event(), region, account, ...(qualifier === undefined ? {} : { qualifier }) }
    const result = (await this.#client.endpoint.call({ method: 'POST', path: invocationsOf(name), body })) as Omit<
      Delivered,
      'payload'
    > & {
      payload: unknown
    }
    if (!(result.payload instanceof Uint8Array)) {
      throw new MillraceError('internal', { reason: 'a function answered without bytes' })
    }
    return { ...result, payload: result.payload }
  }

  async #send(name: string, delivery: Delivery, { source }: By): Promise<Delivered> {
    const queue = new QueueCalls(this.#client, this.#time, name)
    const { fifo } = await queue.describe()
    const messages = delivery.items.map(({ key, data, id }) => {
      return fifo ? { data, group: key, deduplicationId: onceOf(source, id) } : { data }
    })
    return this.#append(() => queue.send(messages))
  }

  async #publish(name: string, delivery: Delivery, { source }: By): Promise<Delivered> {
    const topic = this.#client.topic(name)
    const { fifo } = await topic.describe()
    return this.#append(() =>
      Promise.all(
        delivery.items.map(({ key, data, id }) =>
          topic.publish(fifo ? { data, group: key, deduplicationId: onceOf(source, id) } : { data }),
        ),
      ),
    )
  }

  /** What a log can never take is a failure, like that of a function; what it cannot take now is tried again. */
  async #append(put: () => Promise<unknown>): Promise<Delivered> {
    try {
      await put()
      return taken
    } catch (error) {
      if (!(error instanceof MillraceError) || !['record_too_large', 'message_too_large'].includes(error.code))
        throw error
      return { ...taken, failed: true, payload: Buffer.from(JSON.stringify(error)) }
    }
  }
}

/** What is delivered again is stored once. */
function onceOf(source: BindingRecord['source'], id: string): string {
  return createHash('sha256').update(`${source.arn} ${id}`).digest('hex')
}

function invocationsOf(name: string): string {
  return `/v1/functions/${encodeURIComponent(name)}/invocations`
}

function noConnections(destination: string): never {
  throw new MillraceError('destination_not_found', { destination })
}
