import { MillraceError } from '../wire/errors.ts'
import { JsonPath } from '../wire/json-path.ts'
import { type BusEvent, timeText } from './bus-event.ts'
import { partitionKey, type Shaping, shapingOf } from './bus-input.ts'
import { type RuleRecord, type RuleTarget, ruleArn } from './bus-record.ts'

/** What the ARN of a target names. */
export type TargetPlace =
  | { readonly kind: 'queue'; readonly name: string }
  | { readonly kind: 'stream'; readonly name: string }
  | { readonly kind: 'bus'; readonly name: string }
  | { readonly kind: 'destination'; readonly name: string }
  | { readonly kind: 'topic'; readonly arn: string }
  | { readonly kind: 'function'; readonly name: string; readonly qualifier?: string }
  | { readonly kind: 'http'; readonly url: string }

/** Undefined where it names nothing that events can go to here. */
export function placeOf(arn: string): TargetPlace | undefined {
  if (/^https?:\/\//.test(arn) && URL.canParse(arn)) return { kind: 'http', url: arn }
  const [, service, resource = ''] = /^arn:[\w-]+:(\w+):[\w-]*:\d{12}:(.+)$/.exec(arn) ?? []
  const [, kind, name = '', rest] = /^(?:([a-z-]+)[/:])?([^:]+)(?::(.+))?$/.exec(resource) ?? []
  if (service === 'sqs' && kind === undefined && rest === undefined) return { kind: 'queue', name }
  if (service === 'kinesis' && kind === 'stream') return { kind: 'stream', name }
  if (service === 'sns' && kind === undefined && rest === undefined) return { kind: 'topic', arn }
  if (service === 'lambda' && kind === 'function') {
    return rest === undefined ? { kind: 'function', name } : { kind: 'function', name, qualifier: rest }
  }
  if (service === 'events' && kind === 'event-bus') return { kind: 'bus', name }
  if (service === 'events' && kind === 'api-destination') {
    return { kind: 'destination', name: name.split('/')[0] as string }
  }
  return undefined
}

/** A target, made ready: where it is, and what it gets of an event. */
export interface ReadyTarget {
  readonly target: RuleTarget
  readonly place: TargetPlace | undefined
  readonly shape: Shaping
  readonly keyOf: (event: BusEvent) => string
}

export function readyTarget(target: RuleTarget): ReadyTarget {
  const path = target.keyPath === undefined ? undefined : JsonPath.parse(target.keyPath)
  return {
    target,
    place: placeOf(target.arn),
    shape: shapingOf(target.input),
    keyOf: (event) => partitionKey(event, path),
  }
}

/** A message attribute, as queues have it. */
interface Attribute {
  readonly type: string
  readonly value: string
}

/** What a dead letter says beside the event (docs.aws.amazon.com/eventbridge, "Using dead-letter queues"). */
export function letterAttributes(
  rule: RuleRecord,
  target: RuleTarget,
  error: MillraceError,
): Readonly<Record<string, Attribute>> {
  return {
    RULE_ARN: { type: 'String', value: ruleArn(rule) },
    TARGET_ARN: { type: 'String', value: target.arn },
    ERROR_CODE: { type: 'String', value: error.status === 404 ? 'NO_RESOURCE' : 'SDK_CLIENT_ERROR' },
    ERROR_MESSAGE: { type: 'String', value: error.message },
    RETRY_ATTEMPTS: { type: 'Number', value: '0' },
  }
}

/** The request by which an HTTP endpoint gets an event. */
export interface TargetRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The request for `event`: each `*` of the URL is one of the target's path values, and values that are paths are what is there in the event.
 * @throws invalid_field when there are fewer values than stars
 */
export function requestOf(
  { http = {} }: RuleTarget,
  endpoint: { readonly url: string; readonly method: string },
  event: BusEvent,
): TargetRequest {
  const resolved = (value: string) => {
    const path = value.startsWith('$') ? JsonPath.parse(value) : undefined
    if (path === undefined) return value
    const found = path.find(event.value) ?? ''
    return typeof found === 'string' ? found : JSON.stringify(found)
  }
  const values = [...(http.pathValues ?? [])]
  const filled = endpoint.url.replace(/\*/g, () => {
    const value = values.shift()
    if (value !== undefined) return encodeURIComponent(resolved(value))
    throw new MillraceError('invalid_field', {
      field: 'PathParameterValues',
      reason: `has too few for ${endpoint.url}`,
    })
  })
  const url = new URL(filled)
  for (const [name, value] of Object.entries(http.query ?? {})) url.searchParams.append(name, resolved(value))
  const named = Object.entries(http.headers ?? {})
  const headers = Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), resolved(value)]))
  return { url: url.href, method: endpoint.method, headers }
}

/** The event that a rule with a schedule makes when it is due. */
export function scheduledEvent(rule: RuleRecord, at: number) {
  return {
    source: 'aws.events',
    detailType: 'Scheduled Event',
    detail: '{}',
    resources: [ruleArn(rule)],
    time: Date.parse(timeText(at)),
  }
}
