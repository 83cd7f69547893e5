/** A schedule as the native API tells of it. Times are milliseconds since 1970. */
export interface ScheduleDescription {
  readonly name: string
  readonly group: string
  readonly arn: string
  /** `at(...)`, `rate(...)` or `cron(...)`. */
  readonly expression: string
  /** IANA name. */
  readonly timeZone: string
  readonly start?: number
  readonly end?: number
  /** It fires within this of its time. */
  readonly windowMillis: number
  readonly paused: boolean
  /** Whether it is deleted once it has fired for the last time. */
  readonly deleteAfter: boolean
  readonly description?: string
  readonly target: ScheduleTargetDescription
  /** What its target gets; without it, an event that says which schedule fired. */
  readonly input?: string
  readonly retry: { readonly retriesMax: number; readonly ageMillisMax: number }
  /** Who hears of what was given up. */
  readonly deadLetter?: { readonly queue: string }
  readonly createdAt: number
  readonly modifiedAt: number
  /** The times it fires at next. */
  readonly next: readonly number[]
  /** The last time it fired for. */
  readonly last?: number
  /** What went wrong last, since the broker started. */
  readonly lastError?: string
}

/** Where a schedule leads. `call` is a call of AWS's API, made by its service and action. */
export type ScheduleTargetDescription =
  | { readonly function: string; readonly qualifier?: string }
  | { readonly queue: string; readonly messageGroup?: string }
  | { readonly stream: string; readonly key: string }
  | { readonly topic: string }
  | { readonly bus: string; readonly source: string; readonly detailType: string }
  | { readonly http: string }
  | { readonly call: string }
