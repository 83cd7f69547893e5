import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { RecordsTable } from './records-table.ts'
import type { ScheduleGroupRecord } from './schedule-record.ts'

export const defaultGroup = 'default'

/** The groups that schedules are in, kept in the catalog; `default` is always there. */
export class ScheduleGroups {
  readonly #records: RecordsTable<ScheduleGroupRecord>
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #deleting = new Set<string>()

  private constructor(records: RecordsTable<ScheduleGroupRecord>, clock: Clock, limits: Limits) {
    this.#records = records
    this.#clock = clock
    this.#limits = limits
  }

  static async open(store: Store, clock: Clock, limits: Limits): Promise<ScheduleGroups> {
    return new ScheduleGroups(await RecordsTable.open(store, 'schedule-group/'), clock, limits)
  }

  /** @throws schedule_group_not_found */
  get(name: string): ScheduleGroupRecord {
    const record = this.#records.get(name)
    if (record !== undefined && !this.#deleting.has(name)) return record
    if (name !== defaultGroup) throw new MillraceError('schedule_group_not_found', { group: name })
    const caller = { region: 'us-east-1', account: '000000000000' }
    return record ?? { name, tags: {}, createdAt: 0, modifiedAt: 0, ...caller }
  }

  /** All of them, by name. */
  list(): ScheduleGroupRecord[] {
    const names = new Set([defaultGroup, ...this.#records.list().map(({ name }) => name)])
    return [...names]
      .filter((name) => !this.#deleting.has(name))
      .sort()
      .map((name) => this.get(name))
  }

  /**
   * Makes a group. One that was made with the same token is returned.
   * @throws schedule_group_exists, limit_exceeded
   */
  create(group: Omit<ScheduleGroupRecord, 'createdAt' | 'modifiedAt'>): Promise<ScheduleGroupRecord> {
    const { name, token } = group
    return this.#records.change(name, (there) => {
      if (there !== undefined && token !== undefined && there.token === token) return there
      if (there !== undefined || name === defaultGroup)
        throw new MillraceError('schedule_group_exists', { group: name })
      const limit = this.#limits.scheduleGroupsMax
      if (this.#records.size >= limit) {
        throw new MillraceError('limit_exceeded', { what: 'The number of schedule groups', limit })
      }
      const now = this.#clock.now()
      return { ...group, createdAt: now, modifiedAt: now }
    })
  }

  /** @throws schedule_group_not_found, and what `change` throws */
  async tag(
    name: string,
    change: (tags: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#records.change(name, () => {
      const record = this.get(name)
      return { ...record, tags: change(record.tags), modifiedAt: this.#clock.now() }
    })
  }

  /**
   * Deletes a group once `empty` has deleted its schedules; nothing can be added to it meanwhile.
   * @throws schedule_group_not_found, schedule_group_default
   */
  async delete(name: string, empty: () => Promise<void>): Promise<void> {
    if (name === defaultGroup) throw new MillraceError('schedule_group_default')
    this.get(name)
    this.#deleting.add(name)
    try {
      await empty()
      await this.#records.change(name, () => undefined)
    } finally {
      this.#deleting.delete(name)
    }
  }
}
