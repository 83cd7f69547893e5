import { randomUUID } from 'node:crypto'
import { MillraceError } from '../wire/errors.ts'
import type { Owner } from './bus-record.ts'

/** An event as somebody puts it. */
export interface PutEvent {
  readonly source: string
  readonly detailType: string
  /** JSON text of an object. */
  readonly detail: string
  readonly resources?: readonly string[]
  /** Milliseconds since 1970; now when left out. */
  readonly time?: number
  /** X-Ray's trace header. */
  readonly trace?: string
}

/** An event in its envelope (docs.aws.amazon.com/eventbridge, "AWS service event metadata"). */
export interface BusEvent {
  readonly id: string
  /** When it happened, milliseconds since 1970. */
  readonly time: number
  /** When it came here. */
  readonly ingestedAt: number
  readonly source: string
  /** The envelope as JSON text: what targets get. */
  readonly text: string
  /** The same, parsed: what patterns look at. */
  readonly value: EventValue
  readonly trace?: string
}

export interface EventValue {
  readonly [name: string]: unknown
}

/** Puts an event into its envelope, under a new id. The detail stays as it was written. */
export function eventOf(put: PutEvent, { region, account }: Owner, now: number): BusEvent {
  const { source, detailType, detail, resources = [], time = now, trace } = put
  const parsed = detailIn(detail)
  const id = randomUUID()
  const head = { version: '0', id, 'detail-type': detailType, source, account, time: timeText(time), region, resources }
  const text = `${JSON.stringify(head).slice(0, -1)},"detail":${detail.trim()}}`
  const event = { id, time, ingestedAt: now, source, text, value: { ...head, detail: parsed } }
  return trace === undefined ? event : { ...event, trace }
}

/** An event as it was kept; `replay` marks it as one that comes again. */
export function keptEvent(text: string, ingestedAt: number, replay?: string): BusEvent {
  const kept = JSON.parse(text) as EventValue
  const marked = replay === undefined ? text : `${text.slice(0, -1)},"replay-name":${JSON.stringify(replay)}}`
  return {
    id: String(kept['id']),
    time: Date.parse(String(kept['time'])),
    ingestedAt,
    source: String(kept['source']),
    text: marked,
    value: replay === undefined ? kept : { ...kept, 'replay-name': replay },
  }
}

/**
 * The object that the text of a detail is.
 * @throws event_malformed
 */
export function detailIn(text: string): object {
  let detail: unknown
  try {
    detail = JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('event_malformed', { reason: 'its detail is not JSON' }, cause)
  }
  if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return detail
  throw new MillraceError('event_malformed', { reason: 'its detail is not an object' })
}

/** A time as EventBridge writes it: to the second. */
export function timeText(millis: number): string {
  return new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z')
}
