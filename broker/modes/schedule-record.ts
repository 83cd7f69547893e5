/** A schedule, as the catalog keeps it. */
export interface ScheduleRecord {
  readonly group: string
  readonly name: string
  /** `at(...)`, `rate(...)` or `cron(...)`. */
  readonly expression: string
  /** IANA name. */
  readonly timeZone: string
  /** Nothing before it, milliseconds since 1970; what happens once only takes no notice of it, or of `end`. */
  readonly start?: number
  /** Nothing behind it. */
  readonly end?: number
  /** It fires within this of its time, each time after a wait of its own; 0: on time. */
  readonly windowMillis: number
  readonly paused: boolean
  /** Whether it is deleted once it has fired for the last time. */
  readonly deleteAfter: boolean
  readonly description?: string
  readonly target: ScheduleTarget
  /** What a rate counts from. */
  readonly anchor: number
  readonly createdAt: number
  readonly modifiedAt: number
  /** Of whoever made it: they show in ARNs. */
  readonly region: string
  readonly account: string
  /** A create that comes again with this is the same create. */
  readonly token?: string
  /** AWS only: kept, and told again. */
  readonly kmsKeyArn?: string
}

/** What a schedule does. */
export interface ScheduleTarget {
  /** The ARN of a function, queue, stream, topic or bus, or of a call of AWS's API; or the URL of an HTTP endpoint. */
  readonly arn: string
  /** What it gets, with `<aws.scheduler...>` filled in; an event that says who fired when left out. */
  readonly input?: string
  /** Queues: the message group. */
  readonly messageGroup?: string
  /** Streams: the partition key. */
  readonly partitionKey?: string
  /** Buses: what the event says of itself. */
  readonly event?: { readonly source: string; readonly detailType: string }
  /** Retries of a delivery to a function or an endpoint. */
  readonly retriesMax: number
  /** The age at which a delivery is given up, and how late what was missed still fires. */
  readonly ageMillisMax: number
  /** The ARN of the queue that hears of what was given up. */
  readonly deadLetter?: string
  /** AWS only: kept, and told again. */
  readonly role?: string
}

/** What is said of a schedule when it is made or changed. */
export type ScheduleSettings = Omit<ScheduleRecord, 'anchor' | 'createdAt' | 'modifiedAt'>

/** How a schedule stands. */
export interface ScheduleStatus {
  /** When it fires next, without its window, milliseconds since 1970. */
  readonly next?: number
  /** The last instant it fired for. */
  readonly last?: number
  /** What went wrong last, since the start. */
  readonly lastError?: string
}

/** One firing of a schedule. */
export interface ScheduleFiring {
  /** The time it stands for. */
  readonly instant: number
  readonly executionId: string
}

export interface ScheduleGroupRecord {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly modifiedAt: number
  readonly region: string
  readonly account: string
  readonly token?: string
}

/** Names a schedule among all. */
export function scheduleId({ group, name }: Pick<ScheduleRecord, 'group' | 'name'>): string {
  return `${group}/${name}`
}

export function scheduleArn({
  region,
  account,
  group,
  name,
}: Pick<ScheduleRecord, 'region' | 'account' | 'group' | 'name'>): string {
  return `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`
}
