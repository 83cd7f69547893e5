import { MillraceError } from '../wire/errors.ts'
import type { OutgoingDelivery } from '../wire/outgoing-delivery.ts'
import { messageBytes } from '../wire/queue-message.ts'
import { effectivePolicy } from './topic-delivery-policy.ts'
import {
  envelopeOf,
  functionEventOf,
  type Links,
  type Notification,
  type Signature,
  textToSign,
} from './topic-envelope.ts'
import {
  type SubscriptionRecord,
  subscriptionArn,
  type TopicMessage,
  type TopicRecord,
  topicArn,
} from './topic-record.ts'
import type { TopicSigner } from './topic-signer.ts'

/** What SQS takes of attributes; a message with more cannot be delivered as it is. */
const rawAttributesMax = 10

/** Of one publication. */
export interface Identity {
  readonly id: string
  readonly time: number
  readonly sequence: number | undefined
}

/** One message as the subscriptions of one topic get it: what they share is made once, and signed once. */
export class TopicNotice {
  readonly topic: TopicRecord
  readonly message: TopicMessage
  readonly identity: Identity
  readonly #signatures = new Map<string, Signature>()
  #text: string | undefined

  constructor(topic: TopicRecord, message: TopicMessage, identity: Identity) {
    this.topic = topic
    this.message = message
    this.identity = identity
  }

  /** Signs what those of `subscriptions` are to get that want an envelope. */
  async sign(subscriptions: Iterable<SubscriptionRecord>, signer: TopicSigner): Promise<void> {
    const texts = new Set<string>()
    for (const each of subscriptions) if (isEnveloped(each)) texts.add(this.text(each.protocol))
    if (texts.size === 0) return
    const { signatureVersion: version } = this.topic.settings
    const { name: certificate } = await signer.signing()
    for (const text of texts) {
      const signature = await signer.sign(textToSign(this.#notification(text)), version)
      this.#signatures.set(text, { version, signature, certificate })
    }
  }

  /** The text for a protocol. */
  text(protocol: string): string {
    this.#text ??= textOf(this.message.body)
    return this.message.byProtocol?.get(protocol) ?? this.#text
  }

  /** What a queue or a stream gets. */
  body(subscription: SubscriptionRecord): Uint8Array {
    const { protocol, settings } = subscription
    if (settings.raw) {
      const other = this.message.byProtocol?.get(protocol)
      return other === undefined ? this.message.body : Buffer.from(other)
    }
    const text = this.text(protocol)
    return envelopeOf(this.#notification(text), this.#signature(text), linksOf(subscription))
  }

  /**
   * The attributes that a queue gets: inside of an envelope they need not stand beside it.
   * @throws invalid_field when there are more than a queue takes
   */
  attributes({ settings }: SubscriptionRecord): TopicMessage['attributes'] {
    const { attributes } = this.message
    if (!settings.raw || attributes === undefined) return undefined
    const count = Object.keys(attributes).length
    if (count > rawAttributesMax) {
      const reason = `of ${count} attributes cannot be delivered raw: a queue takes ${rawAttributesMax}`
      throw new MillraceError('invalid_field', { field: 'A message', reason })
    }
    return attributes
  }

  /** What a function gets. */
  forFunction(subscription: SubscriptionRecord): OutgoingDelivery {
    const text = this.text(subscription.protocol)
    const notification = this.#notification(text)
    const signature = this.#signature(text)
    const links = linksOf(subscription)
    const payload = functionEventOf(notification, signature, links)
    return { ...this.#common(), payload, letter: envelopeOf(notification, signature, links) }
  }

  /** What an HTTP endpoint gets. */
  forEndpoint(subscription: SubscriptionRecord): OutgoingDelivery {
    const { settings } = subscription
    const { requestPolicy } = effectivePolicy(this.topic.settings.deliveryPolicy, settings.deliveryPolicy)
    const headers = {
      ...endpointHeaders(topicArn(this.topic), this.identity.id, 'Notification'),
      'x-amz-sns-subscription-arn': subscriptionArn(subscription),
      ...(settings.raw ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
      ...(requestPolicy === undefined ? {} : { 'content-type': requestPolicy.headerContentType }),
    }
    const { attributes } = this.message
    const kept = settings.raw && attributes !== undefined ? { attributes } : {}
    return { ...this.#common(), ...kept, payload: this.body(subscription), headers }
  }

  /** @throws message_too_large */
  requireFit(): void {
    const { byProtocol, attributes, body } = this.message
    const longest = Math.max(body.length, ...[...(byProtocol?.values() ?? [])].map((text) => Buffer.byteLength(text)))
    const bytes = messageBytes({ body, ...(attributes && { attributes }) }) - body.length + longest
    const limit = this.topic.settings.messageBytesMax
    if (bytes > limit) throw new MillraceError('message_too_large', { bytes, limit })
  }

  #common(): Pick<OutgoingDelivery, 'id' | 'time' | 'trace'> {
    const { id, time } = this.identity
    const { trace } = this.message
    return trace === undefined ? { id, time } : { id, time, trace }
  }

  #notification(text: string): Notification {
    const { subject, attributes } = this.message
    return { ...this.identity, topicArn: topicArn(this.topic), text, subject, attributes }
  }

  #signature(text: string): Signature {
    const signature = this.#signatures.get(text)
    if (signature === undefined) throw new MillraceError('internal', { reason: 'an envelope was not signed' })
    return signature
  }
}

/** The headers that every message to an endpoint has. */
export function endpointHeaders(arn: string, id: string, type: string): Record<string, string> {
  return {
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': id,
    'x-amz-sns-topic-arn': arn,
  }
}

export function linksOf(subscription: SubscriptionRecord): Links {
  return { origin: subscription.origin, subscriptionArn: subscriptionArn(subscription) }
}

function isEnveloped({ target, settings }: SubscriptionRecord): boolean {
  if (target.kind === 'function') return true
  return !settings.raw && (target.kind === 'queue' || target.kind === 'stream' || target.kind === 'http')
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as the text of an envelope; what is no text goes as base64. */
function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('base64')
  }
}
