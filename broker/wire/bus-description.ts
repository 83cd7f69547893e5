/** An event bus, as the native API tells of it. */
export interface BusDescription {
  readonly name: string
  readonly description?: string
  readonly createdAt: number
  /** How long its events are kept; its archives may keep them longer. */
  readonly retentionMillis: number
  readonly rules: number
  /** The log of its events, which has one shard: the oldest sequence, and the next. */
  readonly shards: readonly { readonly shard: 0; readonly first: number; readonly next: number }[]
}

/** What an event may go to. */
export type EventTarget =
  | { readonly queue: string }
  | { readonly stream: string }
  | { readonly function: string; readonly qualifier?: string }
  | { readonly topic: string }
  | { readonly bus: string }
  | { readonly destination: string }
  | { readonly http: string }

/** What a target gets instead of the event: a text, what is at a path, or a template with what is at paths in it. */
export interface EventInput {
  readonly text?: string
  readonly path?: string
  readonly template?: string
  readonly paths?: Readonly<Record<string, string>>
}

/** One target of a rule. */
export interface RuleTargetSettings {
  /** Default: made of its kind and name. */
  readonly id?: string
  readonly target: EventTarget
  readonly input?: EventInput
  /** FIFO queues: the group of all its messages. */
  readonly group?: string
  /** Streams: the path of the partition key. Default: every event has another key. */
  readonly keyPath?: string
  /** The queue that gets what could not be delivered. */
  readonly deadLetter?: string
  /** Functions and HTTP. Default: 185 times, for a day. */
  readonly retry?: { readonly retriesMax?: number; readonly ageSecondsMax?: number }
}

/** A rule of a bus, and how it fares. */
export interface RuleDescription {
  readonly rule: string
  readonly description?: string
  readonly pattern?: unknown
  readonly schedule?: string
  readonly enabled: boolean
  readonly targets: readonly (RuleTargetSettings & { readonly id: string })[]
  /** Events since the start: that matched, and that could not be handed to a target. */
  readonly matched: number
  readonly failed: number
  readonly lastError?: string
  readonly lastErrorAt?: number
}

/** An archive: the events of a bus that match a pattern, kept for some days; 0 is for ever. */
export interface ArchiveDescription {
  readonly name: string
  readonly bus: string
  readonly description?: string
  readonly pattern?: unknown
  readonly retentionDays: number
  readonly createdAt: number
  readonly events: number
  readonly bytes: number
}

/** A replay, and how far it is. */
export interface ReplayDescription {
  readonly name: string
  readonly archive: string
  readonly bus: string
  /** Only these rules; all when there are none. */
  readonly rules: readonly string[]
  /** Of the events' own times: from this one on, up to but not with that one. */
  readonly from: number
  readonly to: number
  readonly perSecond?: number
  readonly state: 'STARTING' | 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED'
  readonly reason?: string
  /** Events handed out so far. */
  readonly events: number
  /** How much of the archive was gone through: from 0 to 1. */
  readonly progress: number
  readonly lastEventTime?: number
  readonly startedAt: number
  readonly endedAt?: number
}

/** What became of an event that was put. */
export type PutEventResult = { readonly id: string } | { readonly error: unknown }

/** An event in its envelope. */
export interface EventEnvelope {
  readonly version: string
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  readonly account: string
  /** To the second: 2026-01-31T12:00:00Z. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: Readonly<Record<string, unknown>>
  /** Of one that comes again. */
  readonly 'replay-name'?: string
}
