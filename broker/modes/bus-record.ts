import type { CallParameters, ConnectionAuth } from '../wire/connection.ts'

/** What is kept of event buses, in the catalog. `arn` parts are of whoever made a thing: they show in its ARN and in what is made for it. */
export interface Owner {
  readonly region: string
  readonly account: string
}

export type Tags = Readonly<Record<string, string>>

export interface BusRecord extends Owner {
  readonly name: string
  /** The number of the log that its events are kept in; undefined before the first of them. */
  readonly log?: number
  /** How long events are kept; its archives may keep them longer. */
  readonly retentionMillis: number
  readonly description?: string
  /** Queue, by ARN, that gets what cannot be routed at all. It is kept and handed back. */
  readonly deadLetterArn?: string
  /** Settings that change nothing here and are handed back as they came. */
  readonly carried: Readonly<Record<string, unknown>>
  /** Statements of who may put events, by Sid. They are kept, and not enforced. */
  readonly policy: Readonly<Record<string, unknown>>
  readonly tags: Tags
  readonly createdAt: number
  readonly modifiedAt: number
}

export interface RuleRecord extends Owner {
  /** BUS/RULE: no rule has a slash in its name. */
  readonly name: string
  readonly bus: string
  readonly rule: string
  readonly description?: string
  /** JSON text. */
  readonly pattern?: string
  /** rate() or cron(); of the default bus only. */
  readonly schedule?: string
  /** When its schedule began: it was made or enabled then, or got another schedule. */
  readonly anchor?: number
  readonly enabled: boolean
  readonly roleArn?: string
  readonly targets: readonly RuleTarget[]
  readonly tags: Tags
  readonly createdAt: number
}

/** Where a rule's events go. */
export interface RuleTarget {
  readonly id: string
  /** Of a queue, stream, function, topic, bus or API destination; or an http or https URL, which only Millrace has. */
  readonly arn: string
  readonly input?: TargetInput
  /** FIFO queues: the group of all its messages. */
  readonly group?: string
  /** Streams: where in the event the partition key is. */
  readonly keyPath?: string
  readonly retry?: { readonly retriesMax?: number; readonly ageSecondsMax?: number }
  readonly deadLetterArn?: string
  readonly http?: HttpParameters
  /** Members that change nothing here and are handed back as they came, such as RoleArn. */
  readonly carried: Readonly<Record<string, unknown>>
  /** The binding that delivers to it, where it is a function or an HTTP endpoint. */
  readonly binding?: string
}

/** What a target gets instead of the event. */
export type TargetInput =
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'template'; readonly paths: Readonly<Record<string, string>>; readonly template: string }

/** Values may be paths into the event. */
export interface HttpParameters {
  readonly pathValues?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

export interface ArchiveRecord extends Owner {
  readonly name: string
  readonly bus: string
  readonly description?: string
  /** JSON text; without it, every event is one of its. */
  readonly pattern?: string
  /** 0: for ever. */
  readonly retentionDays: number
  /** The first sequence of the bus's log that may be one of its events. */
  readonly from: number
  readonly createdAt: number
}

export type ReplayState = 'STARTING' | 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED'

export interface ReplayRecord extends Owner {
  readonly name: string
  readonly archive: string
  readonly bus: string
  readonly description?: string
  /** Names of the rules that get the events; all when there are none. */
  readonly rules: readonly string[]
  /** Of the events' own times: from this one on, up to but not with that one. */
  readonly from: number
  readonly to: number
  /** Events a second; as fast as they go when left out. */
  readonly perSecond?: number
  readonly state: ReplayState
  readonly reason?: string
  /** The sequence of the bus's log to go on from, and the time of the last event that was replayed. */
  readonly next: number
  readonly end: number
  readonly lastEventTime?: number
  readonly events: number
  readonly startedAt: number
  readonly endedAt?: number
}

export interface ConnectionRecord extends Owner {
  readonly name: string
  readonly id: string
  readonly description?: string
  /** Undefined when it was deauthorized. */
  readonly auth?: ConnectionAuth
  readonly authKind: ConnectionAuth['kind']
  readonly parameters: CallParameters
  readonly createdAt: number
  readonly modifiedAt: number
  readonly authorizedAt: number
}

export interface ApiDestinationRecord extends Owner {
  readonly name: string
  readonly id: string
  readonly description?: string
  readonly connection: string
  /** The connection's ARN, as it was given. */
  readonly connectionArn: string
  readonly url: string
  readonly method: string
  readonly perSecond: number
  readonly createdAt: number
  readonly modifiedAt: number
}

export const defaultBusName = 'default'

export function busArn({ region, account, name }: Owner & { readonly name: string }): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`
}

export function ruleArn({
  region,
  account,
  bus,
  rule,
}: Pick<RuleRecord, 'region' | 'account' | 'bus' | 'rule'>): string {
  const path = bus === defaultBusName ? rule : `${bus}/${rule}`
  return `arn:aws:events:${region}:${account}:rule/${path}`
}

export function archiveArn({ region, account, name }: Owner & { readonly name: string }): string {
  return `arn:aws:events:${region}:${account}:archive/${name}`
}

export function replayArn({ region, account, name }: Owner & { readonly name: string }): string {
  return `arn:aws:events:${region}:${account}:replay/${name}`
}

export function connectionArn({ region, account, name, id }: Owner & { readonly name: string; readonly id: string }) {
  return `arn:aws:events:${region}:${account}:connection/${name}/${id}`
}

export function apiDestinationArn({
  region,
  account,
  name,
  id,
}: Owner & { readonly name: string; readonly id: string }) {
  return `arn:aws:events:${region}:${account}:api-destination/${name}/${id}`
}
