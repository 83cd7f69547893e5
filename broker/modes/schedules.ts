import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { crc32 } from '../wire/crc32.ts'
import { MillraceError } from '../wire/errors.ts'
import { ScheduleExpression } from '../wire/schedule-expression.ts'
import type { Publication } from './publication.ts'
import { idOfKey, planOf, ScheduleEntry, type SchedulePlan } from './schedule-entry.ts'
import { ScheduleGroups } from './schedule-groups.ts'
import {
  type ScheduleFiring,
  type ScheduleRecord,
  type ScheduleSettings,
  type ScheduleStatus,
  scheduleId,
} from './schedule-record.ts'
import type { Durable, Occurrence, Timetable } from './timetable.ts'

/** What schedules must be able to do with targets, without knowing what a queue or a function is. */
export interface ScheduleTargets {
  /**
   * Looks at a target, and makes what firing at it takes.
   * @throws schedule_target
   */
  need(record: ScheduleSettings): Promise<void>
  /** Adds what the target gets; returns what is to be called once that is durable. */
  publish(record: ScheduleRecord, firing: ScheduleFiring, publication: Publication): Promise<Durable>
  /** Adds what the dead letter queue gets, where there is one. */
  failed(record: ScheduleRecord, firing: ScheduleFiring, error: MillraceError, publication: Publication): void
}

export interface SchedulesOptions {
  readonly store: Store
  readonly clock: Clock
  readonly limits: Limits
  readonly timetable: Timetable
  readonly targets: ScheduleTargets
  /** Hears of firings that failed. */
  readonly onFault: (error: unknown) => void
}

/** Expressions that are kept ready; most schedules share one with others. */
const expressionsMax = 10_000
/** Into how many parts the catalog's schedules are cut, to be read one by one. */
const parts = 256

/**
 * All schedules of a broker. The catalog keeps them; memory has when each fires next. They are read once the broker has started, a part at a time, so
 * that a start does not wait for them.
 */
export class Schedules {
  readonly groups: ScheduleGroups
  readonly timetable: Timetable
  readonly #options: SchedulesOptions
  readonly #entries = new Map<string, ScheduleEntry>()
  readonly #expressions = new Map<string, ScheduleExpression>()
  readonly #plans = new Map<string, SchedulePlan>()
  readonly #errors = new Map<string, string>()
  readonly #changing = new Map<string, Promise<unknown>>()
  #ready: Promise<void> | undefined
  #names: string[] | undefined
  #closed = false

  private constructor(options: SchedulesOptions, groups: ScheduleGroups) {
    this.#options = options
    this.groups = groups
    this.timetable = options.timetable
  }

  static async open(options: SchedulesOptions): Promise<Schedules> {
    const { store, clock, limits } = options
    return new Schedules(options, await ScheduleGroups.open(store, clock, limits))
  }

  /** Begins to read them; from then on they fire. */
  begin(): void {
    // Whoever asks for a schedule hears of it too.
    this.ready().catch(this.#options.onFault)
  }

  get size(): number {
    return this.#entries.size
  }

  /** Resolves when all schedules are read, and fire. */
  ready(): Promise<void> {
    this.#ready ??= this.#load()
    return this.#ready
  }

  /**
   * Makes a schedule. One that was made with the same token is returned.
   * @throws schedule_exists, schedule_group_not_found, schedule_invalid, time_zone_unknown, schedule_target, limit_exceeded
   */
  create(settings: ScheduleSettings): Promise<ScheduleRecord> {
    return this.#change(settings, async (there) => {
      const { group, name, token } = settings
      if (there !== undefined && token !== undefined && there.token === token) return there
      if (there !== undefined) throw new MillraceError('schedule_exists', { group, schedule: name })
      const limit = this.#options.limits.schedulesMax
      if (this.#entries.size >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of schedules', limit })
      const now = this.#options.clock.now()
      return this.#write({ ...settings, anchor: settings.start ?? now, createdAt: now, modifiedAt: now })
    })
  }

  /**
   * Puts other settings in the place of all that a schedule has. A rate counts from now on, if it or the start was changed.
   * @throws schedule_not_found, schedule_invalid, time_zone_unknown, schedule_target
   */
  update(
    id: Pick<ScheduleRecord, 'group' | 'name'>,
    change: (record: ScheduleRecord) => ScheduleSettings,
  ): Promise<ScheduleRecord> {
    return this.#change(id, async (there) => {
      if (there === undefined) throw this.#missing(id)
      const settings = change(there)
      const now = this.#options.clock.now()
      const same = settings.expression === there.expression && settings.start === there.start && !there.paused
      const anchor = settings.start ?? (same ? there.anchor : now)
      const { createdAt, token } = there
      return this.#write({ ...settings, ...(token && { token }), anchor, createdAt, modifiedAt: now })
    })
  }

  /** @throws schedule_not_found */
  async get(id: Pick<ScheduleRecord, 'group' | 'name'>): Promise<ScheduleRecord> {
    await this.ready()
    const record = await this.#read(scheduleId(id))
    if (record === undefined) throw this.#missing(id)
    return record
  }

  /** Those of `ids` that are still there. */
  async read(ids: readonly string[]): Promise<ScheduleRecord[]> {
    const records = await Promise.all(ids.map((id) => this.#read(id)))
    return records.filter((record) => record !== undefined)
  }

  async has(id: Pick<ScheduleRecord, 'group' | 'name'>): Promise<boolean> {
    await this.ready()
    return this.#entries.has(scheduleId(id))
  }

  /** @throws schedule_not_found */
  delete(id: Pick<ScheduleRecord, 'group' | 'name'>): Promise<void> {
    return this.#change(id, async (there) => {
      if (there === undefined) throw this.#missing(id)
      await this.#remove(scheduleId(id))
    })
  }

  /**
   * Deletes a group and all its schedules.
   * @throws schedule_group_not_found, schedule_group_default
   */
  async deleteGroup(group: string): Promise<void> {
    await this.ready()
    await this.groups.delete(group, async () => {
      const ids = (await this.ids()).filter((id) => id.startsWith(`${group}/`))
      for (let i = 0; i < ids.length; i += parts) {
        await Promise.all(ids.slice(i, i + parts).map((id) => this.#change(idOf(id), () => this.#remove(id))))
      }
    })
  }

  /** The ids of all schedules, `group/name`, in order. */
  async ids(): Promise<readonly string[]> {
    await this.ready()
    this.#names ??= [...this.#entries.keys()].sort()
    return this.#names
  }

  isPaused(id: string): boolean {
    return this.#entries.get(id)?.paused ?? false
  }

  status(record: ScheduleRecord): ScheduleStatus {
    const id = scheduleId(record)
    const entry = this.#entries.get(id)
    const last = entry && this.timetable.positions.get(entry.key)
    const lastError = this.#errors.get(id)
    const next = entry?.instant ?? Number.POSITIVE_INFINITY
    return {
      ...(next === Number.POSITIVE_INFINITY ? {} : { next }),
      ...(last === undefined ? {} : { last }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }

  /** The next `count` times a schedule fires at. */
  upcoming(record: ScheduleRecord, count: number): number[] {
    return this.#entries.get(scheduleId(record))?.upcoming(count) ?? []
  }

  /** Fires no more; waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#ready?.catch(() => undefined)
    await this.timetable.close()
  }

  happen(entry: ScheduleEntry, instant: number): Occurrence {
    const { targets, onFault } = this.#options
    const { id } = entry
    let record: ScheduleRecord | undefined
    const firing = () => ({ instant, executionId: randomUUID() })
    return {
      instant,
      publish: async (publication) => {
        record = await this.#read(id)
        // It may have been deleted since it was due.
        if (record === undefined || this.#entries.get(id) !== entry) return undefined
        return targets.publish(record, firing(), publication)
      },
      failed: (error, publication) => {
        this.#errors.set(id, `${error.code}: ${error.message}`)
        onFault(error)
        if (record !== undefined) targets.failed(record, firing(), error, publication)
      },
      done: () => this.#finish(entry, record),
    }
  }

  /** What has fired for the last time goes, where that was asked for. */
  async #finish(entry: ScheduleEntry, record: ScheduleRecord | undefined): Promise<void> {
    if (record === undefined || !record.deleteAfter || entry.due !== Number.POSITIVE_INFINITY) return
    await this.#change(record, async () => {
      if (this.#entries.get(entry.id) === entry) await this.#remove(entry.id)
    })
  }

  async #load(): Promise<void> {
    const { store, clock, timetable } = this.#options
    const text = new TextDecoder()
    for (let part = 0; part < parts && !this.#closed; part++) {
      for (const { value } of await store.entries(partKey(part))) {
        const record = JSON.parse(text.decode(value)) as ScheduleRecord
        const entry = this.#entry(record)
        this.#entries.set(entry.id, entry)
        entry.begin(record, timetable.positions.get(entry.key), clock.now())
        timetable.add(entry)
        // One that a crash kept from being deleted.
        if (record.deleteAfter && !record.paused && entry.due === Number.POSITIVE_INFINITY) await this.#remove(entry.id)
      }
      // Others get their turn.
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (this.#closed) return
    const isOfOne = (key: string) => this.#entries.get(idOfKey(key))?.key === key
    timetable.positions.keepOnly((key) => isOfOne(key) || timetable.calls.has(key))
  }

  async #write(record: ScheduleRecord): Promise<ScheduleRecord> {
    const { store, clock, targets, timetable } = this.#options
    this.groups.get(record.group)
    const entry = this.#entry(record)
    if (!record.paused) entry.requireEver(record)
    await targets.need(record)
    const id = scheduleId(record)
    await store.put([{ key: catalogKey(id), value: new TextEncoder().encode(JSON.stringify(record)) }])
    const before = this.#entries.get(id)
    if (before === undefined) this.#names = undefined
    else timetable.remove(before)
    this.#entries.set(id, entry)
    this.#errors.delete(id)
    entry.begin(record, timetable.positions.get(entry.key), clock.now())
    timetable.add(entry)
    return record
  }

  async #remove(id: string): Promise<void> {
    const { store, timetable } = this.#options
    await store.put([{ key: catalogKey(id), value: undefined }])
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    timetable.remove(entry)
    timetable.positions.forget(entry.key)
    this.#entries.delete(id)
    this.#errors.delete(id)
    this.#names = undefined
  }

  #entry(record: ScheduleRecord): ScheduleEntry {
    const { expression: text, timeZone } = record
    const key = `${timeZone} ${text}`
    let expression = this.#expressions.get(key)
    if (expression === undefined) {
      expression = ScheduleExpression.parse(text, timeZone)
      if (this.#expressions.size >= expressionsMax) this.#expressions.clear()
      this.#expressions.set(key, expression)
    }
    return new ScheduleEntry(this, this.timetable.nextOrder(), record, this.#plan(planOf(record, expression)))
  }

  /** One for all schedules that are alike. */
  #plan(plan: SchedulePlan): SchedulePlan {
    const { expression, anchor, end, lateMillisMax, windowMillis, paused } = plan
    // Rates count from when each was made: no two are alike.
    if (anchor !== undefined) return plan
    const key = [expression.zone.name, expression.text, end, lateMillisMax, windowMillis, paused].join(' ')
    const known = this.#plans.get(key)
    if (known !== undefined) return known
    if (this.#plans.size >= expressionsMax) this.#plans.clear()
    this.#plans.set(key, plan)
    return plan
  }

  async #read(id: string): Promise<ScheduleRecord | undefined> {
    const value = await this.#options.store.value(catalogKey(id))
    return value && (JSON.parse(new TextDecoder().decode(value)) as ScheduleRecord)
  }

  /** Changes of one schedule are made one after another. */
  async #change<T>(
    schedule: Pick<ScheduleRecord, 'group' | 'name'>,
    change: (there: ScheduleRecord | undefined) => Promise<T>,
  ): Promise<T> {
    await this.ready()
    const id = scheduleId(schedule)
    const before = this.#changing.get(id) ?? Promise.resolve()
    const changed = before.then(async () => change(await this.#read(id)))
    // Who asked for a change hears of its failure; the next one begins from what there is.
    const settled = changed.then(
      () => undefined,
      () => undefined,
    )
    this.#changing.set(id, settled)
    try {
      return await changed
    } finally {
      if (this.#changing.get(id) === settled) this.#changing.delete(id)
    }
  }

  #missing({ group, name }: Pick<ScheduleRecord, 'group' | 'name'>): MillraceError {
    this.groups.get(group)
    return new MillraceError('schedule_not_found', { group, schedule: name })
  }
}

function idOf(id: string): { readonly group: string; readonly name: string } {
  const cut = id.indexOf('/')
  return { group: id.slice(0, cut), name: id.slice(cut + 1) }
}

function catalogKey(id: string): string {
  return `${partKey(crc32(Buffer.from(id)) % parts)}${id}`
}

function partKey(part: number): string {
  return `schedule/${part.toString(16).padStart(2, '0')}/`
}
