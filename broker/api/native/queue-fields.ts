import type { Broker } from '../../broker.ts'
import type { Limits } from '../../limits.ts'
import type { QueueDescription as Description, Queue, ReceivedMessage } from '../../modes/queue.ts'
import type { OutgoingMessage } from '../../modes/queue-sender.ts'
import type { DeadLetter, QueueSettings } from '../../modes/queue-settings.ts'
import type { QueueDescription, QueueMessage } from '../../wire/queue-description.ts'
import type { MessageAttribute } from '../../wire/queue-message.ts'
import { Fields, nameIn } from '../fields.ts'
import { dataIn } from './record-data.ts'

type Chosen = Partial<Omit<QueueSettings, 'fifo' | 'kept' | 'redriveAllow'>>

/**
 * The queue that a path names, for who works it: a hidden one too, which holds the deliveries of a route (see docs/bindings.md).
 * @throws queue_not_found
 */
export function queueIn({ queues }: Broker, params: Readonly<Record<string, string>>): Queue {
  return queues.hidden(params['queue'] ?? '') ?? queues.get(nameIn(params, 'queue'))
}

/** The settings of a queue that can be chosen and changed; those left out are absent. `deadLetter: null` takes it away. */
export function queueSettingsIn(fields: Fields, limits: Limits): Chosen {
  const millis = (field: string, min: number, max: number) => fields.integer(field, { min, max })
  const { queueRetentionMillisMin, queueRetentionMillisMax, messageBytesMin, messageBytesMax } = limits
  const all = {
    visibilityMillis: millis('visibilityMillis', 0, limits.visibilityMillisMax),
    delayMillis: millis('delayMillis', 0, limits.delayMillisMax),
    retentionMillis: millis('retentionMillis', queueRetentionMillisMin, queueRetentionMillisMax),
    messageBytesMax: fields.integer('messageBytesMax', { min: messageBytesMin, max: messageBytesMax }),
    waitMillis: millis('waitMillis', 0, limits.waitMillisMax),
    contentBasedDeduplication: booleanIn(fields, 'contentBasedDeduplication'),
    deduplicationByGroup: booleanIn(fields, 'deduplicationByGroup'),
    tags: fields.strings('tags'),
  }
  const chosen = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Chosen
  return fields.has('deadLetter') ? { ...chosen, deadLetter: deadLetterIn(fields, limits) } : chosen
}

function deadLetterIn(fields: Fields, limits: Limits): DeadLetter | undefined {
  const raw = fields.raw('deadLetter')
  if (raw === null) return undefined
  const each = new Fields(raw, 'deadLetter.')
  const queue = each.required('queue', each.name('queue'))
  const bounds = { min: 1, max: limits.maxReceivesMax }
  const maxReceives = each.required('maxReceives', each.integer('maxReceives', bounds))
  each.done()
  return { queue, maxReceives }
}

export function booleanIn(fields: Fields, field: string): boolean | undefined {
  const value = fields.raw(field)
  if (value === undefined || typeof value === 'boolean') return value
  throw fields.invalid(field, 'must be true or false')
}

/** A message to send, as `{data | text | json, group?, deduplicationId?, delayMillis?, attributes?, trace?}`. */
export function messageIn(fields: Fields, limits: Limits): OutgoingMessage {
  const message = {
    body: dataIn(fields),
    group: tokenIn(fields, 'group'),
    deduplicationId: tokenIn(fields, 'deduplicationId'),
    delayMillis: fields.integer('delayMillis', { min: 0, max: limits.delayMillisMax }),
    attributes: attributesIn(fields),
    trace: fields.string('trace'),
  }
  fields.done()
  return message
}

/** Groups and deduplication ids: 1 to 128 characters. */
function tokenIn(fields: Fields, field: string): string | undefined {
  const value = fields.string(field)
  if (value === undefined || (value.length > 0 && value.length <= 128)) return value
  throw fields.invalid(field, 'must be 1 to 128 characters long')
}

/** Attributes: a string stands for `{type: "String", value}`. */
function attributesIn(fields: Fields): Record<string, MessageAttribute> | undefined {
  const raw = fields.raw('attributes')
  if (raw === undefined) return undefined
  const each = new Fields(raw, 'attributes.')
  const attributes: [string, MessageAttribute][] = Object.keys(raw as object).map((name) => {
    const given = each.raw(name)
    if (name.length === 0 || name.length > 256)
      throw fields.invalid('attributes', 'must have names of 1 to 256 characters')
    return [
      name,
      typeof given === 'string'
        ? { type: 'String', value: given }
        : attributeIn(new Fields(given, `attributes.${name}.`)),
    ]
  })
  return Object.fromEntries(attributes)
}

function attributeIn(fields: Fields): MessageAttribute {
  const type = fields.required('type', fields.string('type'))
  if (!/^(String|Number|Binary)(\..{1,240})?$/.test(type))
    throw fields.invalid('type', 'must be String, Number or Binary')
  const value = type.startsWith('Binary') ? fields.bytes('value') : fields.string('value')
  fields.done()
  return { type, value: fields.required('value', value) }
}

/** A message that was received as the native API shows it: what it has not is absent. */
export function showMessage(message: ReceivedMessage): QueueMessage {
  const { body: data, group, deduplicationId, attributes, trace, source, ...always } = message
  return {
    ...always,
    data,
    ...(group !== undefined && { group }),
    ...(deduplicationId !== undefined && { deduplicationId }),
    ...(attributes !== undefined && { attributes }),
    ...(trace !== undefined && { trace }),
    ...(source !== undefined && { source }),
  }
}

/** A queue as the native API shows it. */
export function describeQueue({ settings, visible, inFlight, delayed, ...rest }: Description): QueueDescription {
  const { kept: _, redriveAllow: __, deadLetter, ...shown } = settings
  const dead = deadLetter === undefined ? {} : { deadLetter }
  return { ...rest, status: 'active', ...shown, ...dead, messages: { visible, inFlight, delayed } }
}
