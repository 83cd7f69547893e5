/**
 * When a delivery that failed is tried again: phases, one after another. SNS's delivery policies and EventBridge's retries are both such
 * lists. Nothing is tried again after the last phase.
 */
export type RetrySchedule = readonly RetryPhase[]

export interface RetryPhase {
  /** How many tries this phase has. */
  readonly tries: number
  /** The wait before its first try, and ... */
  readonly delayMillisMin: number
  /** ... before its last one. */
  readonly delayMillisMax: number
  /** How the waits grow from the one to the other. */
  readonly curve: RetryCurve
  /** Whether each wait is shortened by chance, to half of it at most, so that what failed together does not come again together. */
  readonly jitter?: boolean
}

export type RetryCurve = 'linear' | 'arithmetic' | 'geometric' | 'exponential'

/**
 * The wait before try number `retry` (0 is the first one after a failure); undefined when there is none any more. `chance` is from 0 to 1.
 */
export function retryDelayMillis(schedule: RetrySchedule, retry: number, chance: number): number | undefined {
  let first = 0
  for (const phase of schedule) {
    if (retry < first + phase.tries) {
      const delay = delayIn(phase, retry - first)
      return Math.round(phase.jitter === true ? delay * (1 - chance / 2) : delay)
    }
    first += phase.tries
  }
  return undefined
}

/** How many tries a schedule has after the first one. */
export function retriesIn(schedule: RetrySchedule): number {
  return schedule.reduce((sum, { tries }) => sum + tries, 0)
}

function delayIn({ tries, delayMillisMin: min, delayMillisMax: max, curve }: RetryPhase, at: number): number {
  if (tries === 1 || max <= min) return min
  const steps = tries - 1
  switch (curve) {
    case 'linear':
      return min + ((max - min) * at) / steps
    case 'arithmetic':
      // The steps grow by one and the same amount: 1, 2, 3, ... of the parts that make up the whole way.
      return min + ((max - min) * (at * (at + 1))) / (steps * (steps + 1))
    case 'geometric':
      return min > 0 ? min * (max / min) ** (at / steps) : max * (at / steps) ** 2
    case 'exponential':
      return Math.min(max, Math.max(min, 1) * 2 ** at)
  }
}
