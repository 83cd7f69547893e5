import { MillraceError } from './errors.ts'
import { Cron } from './schedule/cron.ts'
import { TimeZone } from './schedule/time-zone.ts'

/** `scheduler`: EventBridge Scheduler's. `rule`: that of rules, which know no at(), and want `1 minute` but `2 minutes`. */
export type ScheduleDialect = 'scheduler' | 'rule'

type Plan =
  | { readonly kind: 'at'; readonly local: number }
  | { readonly kind: 'rate'; readonly millis: number }
  | { readonly kind: 'cron'; readonly cron: Cron }

/** Longer ones are refused before anything looks at them. */
const expressionLengthMax = 256

const unitMillis: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * When something is to happen: `at(2030-01-31T09:00:00)`, `rate(5 minutes)` or `cron(0 9 ? * MON-FRI *)`, in a time zone (Amazon EventBridge
 * Scheduler User Guide, "Schedule types"). Of a time that clocks never show, since they are put forward over it, nothing happens; one that they show
 * twice happens the first time.
 */
export class ScheduleExpression {
  readonly text: string
  readonly zone: TimeZone
  readonly #plan: Plan

  private constructor(text: string, zone: TimeZone, plan: Plan) {
    this.text = text
    this.zone = zone
    this.#plan = plan
  }

  /**
   * Reads an expression; `zone` is the IANA name of a time zone, UTC by default.
   * @throws schedule_invalid, time_zone_unknown
   */
  static parse(text: string, zone = 'UTC', dialect: ScheduleDialect = 'scheduler'): ScheduleExpression {
    const timeZone = TimeZone.named(zone)
    if (text.length > expressionLengthMax) throw invalid(text, `must be at most ${expressionLengthMax} characters`)
    const [, kind, inner = ''] = /^(at|rate|cron)\((.*)\)$/.exec(text) ?? []
    if (kind === 'rate') return new ScheduleExpression(text, timeZone, rateOf(text, inner, dialect))
    if (kind === 'cron') return new ScheduleExpression(text, timeZone, cronOf(text, inner))
    if (kind === 'at' && dialect === 'scheduler') return new ScheduleExpression(text, timeZone, atOf(text, inner))
    throw invalid(text, `must be ${dialect === 'scheduler' ? 'at(...), ' : ''}rate(...) or cron(...)`)
  }

  get kind(): 'at' | 'rate' | 'cron' {
    return this.#plan.kind
  }

  /**
   * The first instant after `after`, milliseconds since 1970; undefined when there is none. A rate counts from `anchor`, which is one of
   * its instants itself.
   */
  next(after: number, anchor: number): number | undefined {
    const plan = this.#plan
    if (plan.kind === 'rate') {
      const periods = Math.floor((after - anchor) / plan.millis) + 1
      return anchor + Math.max(0, periods) * plan.millis
    }
    if (plan.kind === 'cron') return plan.cron.next(after, this.zone)
    const instant = this.zone.instantOf(plan.local)
    return instant !== undefined && instant > after ? instant : undefined
  }

  /** The last instant after `after` and not after `until`; undefined when there is none. */
  last(after: number, until: number, anchor: number): number | undefined {
    const plan = this.#plan
    if (plan.kind === 'rate') {
      const instant = anchor + Math.floor((until - anchor) / plan.millis) * plan.millis
      return instant > after && instant >= anchor ? instant : undefined
    }
    if (plan.kind === 'cron') return plan.cron.last(after, until, this.zone)
    const instant = this.next(after, anchor)
    return instant !== undefined && instant <= until ? instant : undefined
  }
}

function rateOf(text: string, inner: string, dialect: ScheduleDialect): Plan {
  const [, digits = '', unit = '', plural] = /^(\d{1,10}) (minute|hour|day)(s?)$/.exec(inner) ?? []
  const count = Number(digits)
  if (unit === '' || count === 0) throw invalid(text, 'must be rate(N unit): N from 1 on, and minutes, hours or days')
  if (dialect === 'rule' && (count === 1) !== (plural === '')) {
    throw invalid(text, `must say ${count === 1 ? unit : `${unit}s`} with ${count}`)
  }
  const millis = count * (unitMillis[unit] as number)
  // A Date ends 8.64e15 ms after 1970.
  if (millis > 8.64e14) throw invalid(text, 'is too long')
  return { kind: 'rate', millis }
}

function atOf(text: string, inner: string): Plan {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/.exec(inner)
  const local = parts === null ? Number.NaN : Date.parse(`${inner}Z`)
  // Date.parse takes 31 June for 1 July.
  if (Number.isNaN(local) || new Date(local).toISOString() !== `${inner}.000Z`) {
    throw invalid(text, 'must be at(yyyy-mm-ddThh:mm:ss), without a zone')
  }
  return { kind: 'at', local }
}

function cronOf(text: string, inner: string): Plan {
  const cron = Cron.parse(inner)
  if (typeof cron === 'string') throw invalid(text, cron)
  return { kind: 'cron', cron }
}

function invalid(expression: string, reason: string): MillraceError {
  return new MillraceError('schedule_invalid', { expression: expression.slice(0, expressionLengthMax), reason })
}
