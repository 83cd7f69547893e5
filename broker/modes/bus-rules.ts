import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { Pattern } from '../wire/pattern.ts'
import type { Bindings } from './bindings.ts'
import type { Bus } from './bus.ts'
import { eventOf } from './bus-event.ts'
import { Publishing } from './bus-publishing.ts'
import type { Owner, RuleRecord, RuleTarget } from './bus-record.ts'
import { BusRoutes, type DestinationBounds } from './bus-routes.ts'
import { placeOf, scheduledEvent } from './bus-target.ts'
import type { Publication } from './publication.ts'
import { RecordsTable } from './records-table.ts'

/** What makes rules with a schedule fire. Nothing is kept of it beside the rules, but for what has fired. */
export interface RuleSchedules {
  isSchedule(expression: string): boolean
  /** Calls `fire` whenever the expression says, with what the note that it has fired is committed with; until it is ended. */
  begin(timed: TimedRule): { end(): void }
}

export interface TimedRule {
  /** Tells it from all others, and from what was called the same before. */
  readonly key: string
  readonly expression: string
  /** When it was made or enabled: a rate counts from there. */
  readonly anchor: number
  readonly fire: (at: number, publication: Publication) => Promise<(() => void) | undefined>
  readonly failed: (error: unknown) => void
}

/** What can be chosen about a rule; all of it anew with each change, but for its targets and tags. */
export type RuleSettings = Pick<RuleRecord, 'enabled'> &
  Partial<Pick<RuleRecord, 'description' | 'pattern' | 'schedule' | 'roleArn' | 'tags'>>

export interface BusRulesOptions {
  readonly store: Store
  readonly clock: Clock
  readonly limits: Limits
  readonly bindings: Bindings
  readonly schedules: RuleSchedules
  /** @throws bus_not_found */
  readonly get: (bus: string) => Bus
  readonly find: (bus: string) => Bus | undefined
  /** Makes the log of a bus, if it has none yet. */
  readonly ready: (bus: Bus) => Promise<void>
  readonly boundsOf: (destination: string) => DestinationBounds | undefined
}

/** The rules of all buses, kept in the catalog, and their targets. */
export class BusRules {
  readonly #options: BusRulesOptions
  readonly #records: RecordsTable<RuleRecord>
  readonly #routes: BusRoutes
  readonly #timed = new Map<string, { readonly key: string; end(): void }>()

  private constructor(options: BusRulesOptions, records: RecordsTable<RuleRecord>) {
    this.#options = options
    this.#records = records
    this.#routes = new BusRoutes(options.bindings, options.boundsOf)
  }

  /** Takes up the rules the catalog knows; their buses must be there. */
  static async open(options: BusRulesOptions): Promise<BusRules> {
    const rules = new BusRules(options, await RecordsTable.open<RuleRecord>(options.store, 'bus-rule/'))
    for (const rule of rules.#records.list()) rules.#take(rule)
    return rules
  }

  /** Whether rules can have that schedule. */
  isSchedule(expression: string): boolean {
    return this.#options.schedules.isSchedule(expression)
  }

  /**
   * Makes a rule, or says anew all of one but its targets and tags.
   * @throws bus_not_found, pattern_invalid, invalid_field, limit_exceeded
   */
  async put(bus: string, rule: string, settings: RuleSettings, owner: Owner): Promise<RuleRecord> {
    const { pattern, schedule, tags = {} } = settings
    if (pattern !== undefined) Pattern.compile(pattern)
    if (schedule !== undefined && !this.isSchedule(schedule))
      throw new MillraceError('invalid_field', { field: 'schedule', reason: 'is not valid' })
    const { clock, limits } = this.#options
    return this.#change(bus, rule, (there) => {
      const limit = limits.rulesPerBusMax
      if (there === undefined && this.#options.get(bus).ruleCount >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of rules', limit })
      const made = { name: `${bus}/${rule}`, bus, rule, ...owner, targets: [], createdAt: clock.now() }
      return { ...made, ...settings, tags, ...(there && kept(there)) }
    })
  }

  /**
   * Changes a rule that is there.
   * @throws rule_not_found
   */
  change(
    bus: string,
    rule: string,
    change: (record: RuleRecord) => RuleRecord | Promise<RuleRecord>,
  ): Promise<RuleRecord> {
    return this.#change(bus, rule, (there) => change(there ?? this.#options.get(bus).rule(rule)))
  }

  /** Deletes a rule and what is on its way to its targets; one that is not there is no error. */
  async delete(bus: string, rule: string): Promise<void> {
    const there = this.#options.get(bus).findRule(rule)
    if (there === undefined) return
    await this.#records.change(there.name, () => undefined)
    this.#options.find(bus)?.remove(rule)
    this.#untime(there.name)
    for (const target of there.targets) await this.#routes.unbind(target)
  }

  /**
   * Adds targets to a rule, or puts them in the place of those with the same id.
   * @throws rule_not_found, limit_exceeded
   */
  async putTargets(bus: string, rule: string, targets: readonly RuleTarget[]): Promise<RuleRecord> {
    const { find, ready, limits } = this.#options
    for (const { arn } of targets) {
      const place = placeOf(arn)
      const other = place?.kind === 'bus' ? find(place.name) : undefined
      if (other !== undefined) await ready(other)
    }
    return this.change(bus, rule, async (record) => {
      const all = new Map(record.targets.map((target) => [target.id, target]))
      for (const target of targets) all.set(target.id, target)
      const limit = limits.targetsPerRuleMax
      if (all.size > limit) throw new MillraceError('limit_exceeded', { what: 'The number of targets', limit })
      for (const target of targets) {
        const former = record.targets.find(({ id }) => id === target.id)
        const bound = await this.#routes.bind(record, target, former)
        if (former !== undefined && bound.binding === undefined) await this.#routes.unbind(former)
        all.set(target.id, bound)
      }
      return { ...record, targets: [...all.values()] }
    })
  }

  /** Removes targets; the ids of those that are not there are answered. */
  async removeTargets(bus: string, rule: string, ids: readonly string[]): Promise<string[]> {
    const removed: RuleTarget[] = []
    await this.change(bus, rule, (record) => {
      removed.push(...record.targets.filter(({ id }) => ids.includes(id)))
      return { ...record, targets: record.targets.filter(({ id }) => !ids.includes(id)) }
    })
    for (const target of removed) await this.#routes.unbind(target)
    return ids.filter((id) => !removed.some((target) => target.id === id))
  }

  /** An API destination is not as it was: what delivers to it is told. */
  async destinationChanged(name: string): Promise<void> {
    const isIt = ({ arn }: RuleTarget) => {
      const place = placeOf(arn)
      return place?.kind === 'destination' && place.name === name
    }
    for (const { bus, rule, targets } of this.#records.list()) {
      if (!targets.some(isIt)) continue
      await this.change(bus, rule, async (record) => {
        const bound: RuleTarget[] = []
        for (const target of record.targets) {
          bound.push(isIt(target) ? await this.#routes.bind(record, target, target) : target)
        }
        return { ...record, targets: bound }
      })
    }
  }

  async #change(
    bus: string,
    rule: string,
    change: (there: RuleRecord | undefined) => RuleRecord | Promise<RuleRecord>,
  ): Promise<RuleRecord> {
    this.#options.get(bus)
    const record = await this.#records.change(`${bus}/${rule}`, async (there) => {
      const changed = await change(there)
      // What was off, or had another schedule, begins anew.
      const goesOn = there?.enabled === true && there.schedule === changed.schedule
      return changed.schedule === undefined || goesOn ? changed : { ...changed, anchor: this.#options.clock.now() }
    })
    this.#take(record)
    return record
  }

  /** Takes up a rule as it is kept. */
  #take(record: RuleRecord): void {
    const { find, schedules } = this.#options
    find(record.bus)?.set(record)
    const { name, schedule: expression, anchor = record.createdAt } = record
    if (!record.enabled || expression === undefined) {
      this.#untime(name)
      return
    }
    const key = `rule/${name}@${anchor}`
    if (this.#timed.get(name)?.key === key) return
    this.#untime(name)
    const fire = (at: number, publication: Publication) => this.#fire(record, at, publication)
    const failed = (error: unknown) => find(record.bus)?.failedToFire(record.rule, MillraceError.wrap(error))
    const timed = schedules.begin({ key, expression, anchor, fire, failed })
    this.#timed.set(name, { key, end: () => timed.end() })
  }

  #untime(name: string): void {
    this.#timed.get(name)?.end()
    this.#timed.delete(name)
  }

  async #fire({ bus: name, rule }: RuleRecord, at: number, publication: Publication) {
    const { find, ready, clock } = this.#options
    const bus = find(name)
    const record = bus?.findRule(rule)
    if (bus === undefined || record === undefined) return undefined
    await ready(bus)
    const publishing = new Publishing(publication)
    bus.fire(rule, eventOf(scheduledEvent(record, at), record, clock.now()), publishing)
    await publishing.whole
    return () => publishing.durable()
  }
}

/** What a rule keeps when it is put anew. */
function kept({ targets, tags, createdAt, region, account, anchor }: RuleRecord) {
  return { targets, tags, createdAt, region, account, ...(anchor === undefined ? {} : { anchor }) }
}
