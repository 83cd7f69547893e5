import type { MessageAttribute } from '../wire/queue-message.ts'
import { sequenceNumber } from '../wire/sqs-message.ts'
import type { TopicSettings } from './topic-record.ts'

/** A message as its envelope tells it (docs.aws.amazon.com/sns, "HTTP/HTTPS notification JSON format"). */
export interface Notification {
  readonly id: string
  readonly topicArn: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly text: string
  readonly subject: string | undefined
  readonly attributes: Readonly<Record<string, MessageAttribute>> | undefined
  readonly sequence: number | undefined
}

/** What is signed, and how. */
export interface Signature {
  readonly version: TopicSettings['signatureVersion']
  readonly signature: string
  /** The name of the certificate's file. */
  readonly certificate: string
}

/** Where the links of an envelope lead. */
export interface Links {
  readonly origin: string
  readonly subscriptionArn: string
}

/** The text that a notification's signature is of: each name and value on a line of its own, in the order of the names. */
export function textToSign({ id, topicArn, time, text, subject }: Notification): string {
  const fields: Record<string, string | undefined> = {
    Message: text,
    MessageId: id,
    Subject: subject,
    Timestamp: new Date(time).toISOString(),
    TopicArn: topicArn,
    Type: 'Notification',
  }
  return linesOf(fields)
}

/** The envelope that SQS queues, streams and HTTP endpoints get. */
export function envelopeOf(notification: Notification, signed: Signature, links: Links): Buffer {
  const { id, topicArn, time, text, subject, attributes, sequence } = notification
  const envelope = {
    Type: 'Notification',
    MessageId: id,
    ...(sequence === undefined ? {} : { SequenceNumber: sequenceNumber(sequence) }),
    TopicArn: topicArn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: text,
    Timestamp: new Date(time).toISOString(),
    SignatureVersion: `${signed.version}`,
    Signature: signed.signature,
    SigningCertURL: certificateUrl(links.origin, signed.certificate),
    UnsubscribeURL: unsubscribeUrl(links),
    ...(attributes === undefined ? {} : { MessageAttributes: shown(attributes) }),
  }
  return Buffer.from(JSON.stringify(envelope))
}

/** The event that functions get: its links are spelt otherwise, as AWS has them. */
export function functionEventOf(notification: Notification, signed: Signature, links: Links): Buffer {
  const { id, topicArn, time, text, subject = null, attributes = {} } = notification
  const event = {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: links.subscriptionArn,
        Sns: {
          Type: 'Notification',
          MessageId: id,
          TopicArn: topicArn,
          Subject: subject,
          Message: text,
          Timestamp: new Date(time).toISOString(),
          SignatureVersion: `${signed.version}`,
          Signature: signed.signature,
          SigningCertUrl: certificateUrl(links.origin, signed.certificate),
          UnsubscribeUrl: unsubscribeUrl(links),
          MessageAttributes: shown(attributes),
        },
      },
    ],
  }
  return Buffer.from(JSON.stringify(event))
}

/** What an HTTP endpoint gets before anything else: it has to fetch `SubscribeURL`, or send the token back. */
export interface Confirmation {
  readonly id: string
  readonly topicArn: string
  readonly time: number
  readonly token: string
  readonly subscribeUrl: string
  readonly text: string
}

export function confirmationOf(links: Links, topicArn: string, token: string, id: string, time: number): Confirmation {
  const query = `TopicArn=${encodeURIComponent(topicArn)}&Token=${token}`
  return {
    id,
    topicArn,
    time,
    token,
    subscribeUrl: `${links.origin}/?Action=ConfirmSubscription&Version=2010-03-31&${query}`,
    text: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
  }
}

export function confirmationToSign({ id, topicArn, time, token, subscribeUrl, text }: Confirmation): string {
  return linesOf({
    Message: text,
    MessageId: id,
    SubscribeURL: subscribeUrl,
    Timestamp: new Date(time).toISOString(),
    Token: token,
    TopicArn: topicArn,
    Type: 'SubscriptionConfirmation',
  })
}

export function confirmationEnvelope(confirmation: Confirmation, signed: Signature, origin: string): Buffer {
  const { id, topicArn, time, token, subscribeUrl, text } = confirmation
  const envelope = {
    Type: 'SubscriptionConfirmation',
    MessageId: id,
    Token: token,
    TopicArn: topicArn,
    Message: text,
    SubscribeURL: subscribeUrl,
    Timestamp: new Date(time).toISOString(),
    SignatureVersion: `${signed.version}`,
    Signature: signed.signature,
    SigningCertURL: certificateUrl(origin, signed.certificate),
  }
  return Buffer.from(JSON.stringify(envelope))
}

function certificateUrl(origin: string, name: string): string {
  return `${origin}/SimpleNotificationService/${name}.pem`
}

function unsubscribeUrl({ origin, subscriptionArn }: Links): string {
  return `${origin}/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn=${encodeURIComponent(subscriptionArn)}`
}

function linesOf(fields: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}\n${value}\n`]))
    .join('')
}

function shown(attributes: Readonly<Record<string, MessageAttribute>>): object {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [
      name,
      { Type: type, Value: typeof value === 'string' ? value : Buffer.from(value).toString('base64') },
    ]),
  )
}
