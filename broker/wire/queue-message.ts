import { Packr } from 'msgpackr'
import { MillraceError } from './errors.ts'
import { readU64, viewOf, writeU64 } from './u64.ts'

/**
 * A message as it lies in its queue's log: the data of one record, whose key is the message group, or `-` where there is none.
 *
 *     size field           there when flag
 *        1 flags
 *        - group           1    no bytes: the record's key is the group
 *        8 due             2    visible from then on; milliseconds since 1970
 *        8 sent            4    when it was first sent; else that is the record's append time
 *        8 identity        8    it was appended again: the sequence it had first
 *     2, n deduplication   16   u16 length, UTF-8
 *     4, n attributes      32   u32 length, MessagePack map: see MessageExtras
 *        - body            to the end, as it was sent
 */
export const messageFlags = { group: 1, due: 2, sent: 4, identity: 8, deduplication: 16, extras: 32 } as const

/** The key of records without a group. */
export const noGroupKey = '-'

/** A message attribute: a type such as `String`, `Number`, `Binary` or `Number.temperature`, and text or bytes. */
export interface MessageAttribute {
  readonly type: string
  readonly value: string | Uint8Array
}

/** What few messages have. */
export interface MessageExtras {
  /** Its id, where that is not made from its place in the log: it came from another queue. */
  readonly id?: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  /** X-Ray's trace header. */
  readonly trace?: string
  /** The deduplication id of a message that came from another queue: it is told to receivers, and makes nothing a duplicate. */
  readonly deduplicationId?: string
  /** The name of the queue whose dead letter it is. */
  readonly source?: string
  /** How often it was received in that queue, and when first. */
  readonly receives?: number
  readonly firstReceivedAt?: number
}

/** A message's parts. */
export interface Envelope {
  readonly group?: string | undefined
  readonly due?: number | undefined
  readonly sent?: number | undefined
  readonly identity?: number | undefined
  readonly deduplicationId?: string | undefined
  readonly extras?: MessageExtras | undefined
  readonly body: Uint8Array
}

const packr = new Packr({ useRecords: false })
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The data of the record that holds a message. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { group, due, sent, identity, deduplicationId, extras, body } = envelope
  const deduplication = deduplicationId === undefined ? undefined : encoder.encode(deduplicationId)
  const packed = extras === undefined ? undefined : packr.pack(extras)
  const numbers = [due, sent, identity]
  let size = 1 + body.length
  for (const each of numbers) if (each !== undefined) size += 8
  if (deduplication !== undefined) size += 2 + deduplication.length
  if (packed !== undefined) size += 4 + packed.length
  const bytes = new Uint8Array(size)
  const view = viewOf(bytes)
  let flags = group === undefined ? 0 : messageFlags.group
  let at = 1
  for (const [i, each] of numbers.entries()) {
    if (each === undefined) continue
    flags |= messageFlags.due << i
    writeU64(view, at, each)
    at += 8
  }
  if (deduplication !== undefined) {
    flags |= messageFlags.deduplication
    view.setUint16(at, deduplication.length)
    bytes.set(deduplication, at + 2)
    at += 2 + deduplication.length
  }
  if (packed !== undefined) {
    flags |= messageFlags.extras
    view.setUint32(at, packed.length)
    bytes.set(packed, at + 4)
    at += 4 + packed.length
  }
  bytes[0] = flags
  bytes.set(body, at)
  return bytes
}

/**
 * A message's parts, from its record's key and data; `body` is a window on `data`.
 * @throws block_malformed
 */
export function decodeEnvelope(key: string, data: Uint8Array): Envelope {
  const head = readHead(data)
  const { flags, due, sent, identity, deduplicationId } = head
  let at = head.end
  let extras: MessageExtras | undefined
  if (flags & messageFlags.extras) {
    const length = at + 4 <= data.length ? viewOf(data).getUint32(at) : Number.POSITIVE_INFINITY
    at = skip(data, at + 4, length)
    extras = packr.unpack(data.subarray(at - length, at)) as MessageExtras
  }
  const group = flags & messageFlags.group ? key : undefined
  return { group, due, sent, identity, deduplicationId, extras, body: data.subarray(at) }
}

/** What a queue's state follows from; the rest of the message is not looked at. */
export interface MessageHead {
  readonly flags: number
  readonly due: number | undefined
  readonly sent: number | undefined
  readonly identity: number | undefined
  readonly deduplicationId: string | undefined
  /** Where what follows begins. */
  readonly end: number
}

/**
 * Reads a message's head.
 * @throws block_malformed
 */
export function readHead(data: Uint8Array): MessageHead {
  const flags = data[0] ?? 0x80
  if (flags > 63) throw malformed()
  const view = viewOf(data)
  let at = 1
  const number = (flag: number) => {
    if ((flags & flag) === 0) return undefined
    at = skip(data, at, 8)
    return readU64(view, at - 8)
  }
  const due = number(messageFlags.due)
  const sent = number(messageFlags.sent)
  const identity = number(messageFlags.identity)
  let deduplicationId: string | undefined
  if (flags & messageFlags.deduplication) {
    const length = at + 2 <= data.length ? view.getUint16(at) : Number.POSITIVE_INFINITY
    at = skip(data, at + 2, length)
    deduplicationId = decoder.decode(data.subarray(at - length, at))
  }
  return { flags, due, sent, identity, deduplicationId, end: at }
}

function skip(data: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > data.length) throw malformed()
  return at + bytes
}

function malformed(): MillraceError {
  return new MillraceError('block_malformed', { reason: 'a record of a queue is not a message' })
}

/** Body and attributes, as SQS and SNS count them: names, types and values. */
export function messageBytes({
  body,
  attributes = {},
}: {
  readonly body: Uint8Array
  readonly attributes?: Readonly<Record<string, MessageAttribute>> | undefined
}): number {
  let bytes = body.length
  for (const [name, { type, value }] of Object.entries(attributes)) {
    bytes += textBytes(name) + textBytes(type)
    bytes += typeof value === 'string' ? textBytes(value) : value.length
  }
  return bytes
}

/** Of UTF-8, without writing it. */
function textBytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    // Halves of a pair are four bytes together; one that is alone becomes U+FFFD, which is three.
    bytes += unit < 0x800 ? 1 : 2
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++
  }
  return bytes
}
