import { MillraceError } from './wire/errors.ts'
import type { MessageAttribute } from './wire/queue-message.ts'

/** What a call of AWS's API comes to, in terms of what schedules fire at. */
export type ScheduledCall =
  | { readonly kind: 'queue'; readonly queue: string; readonly message: CalledMessage }
  | { readonly kind: 'stream'; readonly stream: string; readonly key: string; readonly data: Uint8Array }
  | { readonly kind: 'function'; readonly function: string; readonly payload: Uint8Array }
  | { readonly kind: 'topic'; readonly arn: string; readonly body: Uint8Array; readonly subject?: string }
  | { readonly kind: 'bus'; readonly events: readonly CalledEvent[] }

interface CalledMessage {
  readonly body: Uint8Array
  readonly group?: string
  readonly deduplicationId?: string
  readonly delayMillis?: number
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
}

/** An event for a bus. */
export interface CalledEvent {
  readonly bus: string
  readonly source: string
  readonly detailType: string
  readonly detail: string
  readonly resources: readonly string[]
}

type Parameters = Readonly<Record<string, unknown>>

const calls: Readonly<Record<string, (given: Parameters) => ScheduledCall>> = {
  'sqs:sendMessage': (given) => ({
    kind: 'queue',
    queue: lastOf(text(given, 'QueueUrl'), '/'),
    message: {
      body: Buffer.from(text(given, 'MessageBody')),
      ...optional('group', given['MessageGroupId']),
      ...optional('deduplicationId', given['MessageDeduplicationId']),
      ...(typeof given['DelaySeconds'] === 'number' ? { delayMillis: given['DelaySeconds'] * 1000 } : {}),
      ...attributesIn(given['MessageAttributes']),
    },
  }),
  'kinesis:putRecord': (given) => ({
    kind: 'stream',
    stream: given['StreamName'] === undefined ? lastOf(text(given, 'StreamARN'), '/') : text(given, 'StreamName'),
    key: text(given, 'PartitionKey'),
    data: Buffer.from(text(given, 'Data')),
  }),
  'lambda:invoke': (given) => ({
    kind: 'function',
    function: text(given, 'FunctionName'),
    payload: Buffer.from(given['Payload'] === undefined ? '{}' : text(given, 'Payload')),
  }),
  'sns:publish': (given) => ({
    kind: 'topic',
    arn: text(given, 'TopicArn'),
    body: Buffer.from(text(given, 'Message')),
    ...optional('subject', given['Subject']),
  }),
  'eventbridge:putEvents': (given) => ({ kind: 'bus', events: list(given, 'Entries').map(eventIn) }),
}

/** The names of all calls that schedules can make. */
export const scheduledCalls: readonly string[] = Object.keys(calls)

export function isScheduledCall(service: string, action: string): boolean {
  return Object.hasOwn(calls, nameOf(service, action))
}

/**
 * Reads the parameters of a call, as the SDKs name them.
 * @throws bad_request, invalid_field
 */
export function scheduledCall(service: string, action: string, input: string): ScheduledCall {
  const read = calls[nameOf(service, action)]
  if (read === undefined) throw new MillraceError('bad_request', { reason: `${service}:${action} cannot be scheduled` })
  return read(parametersIn(input))
}

function nameOf(service: string, action: string): string {
  return `${service}:${action.charAt(0).toLowerCase()}${action.slice(1)}`
}

function parametersIn(input: string): Parameters {
  try {
    const value: unknown = JSON.parse(input)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Parameters
  } catch {
    // Told below, with everything else that is no object.
  }
  throw new MillraceError('bad_request', { reason: 'The input of a call must be a JSON object with its parameters' })
}

function eventIn(value: unknown): CalledEvent {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Parameters
  const { EventBusName: bus = 'default', Resources: resources = [] } = given
  return {
    bus: lastOf(String(bus), 'event-bus/'),
    source: text(given, 'Source'),
    detailType: text(given, 'DetailType'),
    detail: text(given, 'Detail'),
    resources: Array.isArray(resources) ? resources.map(String) : [],
  }
}

function attributesIn(value: unknown): { readonly attributes?: Readonly<Record<string, MessageAttribute>> } {
  if (typeof value !== 'object' || value === null) return {}
  const entries = Object.entries(value as Record<string, Parameters>)
  const attributes = entries.map(([name, given]) => [
    name,
    { type: text(given, 'DataType'), value: text(given, 'StringValue') },
  ])
  return { attributes: Object.fromEntries(attributes) }
}

function text(given: Parameters, field: string): string {
  const value = given[field]
  if (typeof value === 'string') return value
  throw new MillraceError('invalid_field', { field, reason: 'must be a string' })
}

function list(given: Parameters, field: string): readonly unknown[] {
  const value = given[field]
  if (Array.isArray(value)) return value
  throw new MillraceError('invalid_field', { field, reason: 'must be a list' })
}

function optional<N extends string>(name: N, value: unknown): { readonly [Key in N]?: string } {
  return (typeof value === 'string' ? { [name]: value } : {}) as { readonly [Key in N]?: string }
}

function lastOf(value: string, separator: string): string {
  const at = value.lastIndexOf(separator)
  return at < 0 ? value : value.slice(at + separator.length)
}
