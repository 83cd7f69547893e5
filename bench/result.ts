/** What a run of the bench leaves behind: plain data, as it is in the JSON file. */
export interface Results {
  readonly [scenario: string]: ScenarioResult
}

export interface ScenarioResult {
  readonly scenario: string
  /** When it ended, ISO 8601. */
  readonly date: string
  /** The commit measured; ends in `+` when the checkout had changes. */
  readonly commit: string
  readonly machine: Machine
  /** Whether sizes were cut down to see that everything runs; then no figure means anything. */
  readonly quick: boolean
  /** How often each contestant had its turn, warm-up not counted. */
  readonly rounds: number
  readonly contestants: readonly ContestantInfo[]
  /** What could not be measured beside it, and why. */
  readonly absent: readonly Absence[]
  readonly rows: readonly Row[]
  readonly targets: readonly TargetResult[]
  readonly notes: readonly string[]
  /** Where our broker's main thread and the load's spent their time, if they were profiled. */
  readonly profiles?: { readonly broker?: ProfileSummary; readonly load: ProfileSummary }
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** The file system that took the data. */
  readonly fileSystem: string
}

/** Who was measured, with what it promises of what it acknowledged: figures mean little without. */
export interface ContestantInfo {
  readonly name: string
  readonly version: string
  readonly durability: string
}

export interface Absence {
  readonly name: string
  readonly reason: string
}

/** One thing measured, for one or more contestants. */
export interface Row {
  readonly case: string
  readonly metric: string
  readonly unit: Unit
  readonly figures: readonly Figure[]
}

export interface Figure {
  readonly contestant: string
  /** One value for each round, in order. */
  readonly values: readonly number[]
}

export type Unit = 'records/s' | 'MB/s' | 'op/s' | 'ms' | 'µs' | 'ns' | 's' | 'MiB' | 'KiB' | '% of a core' | 'x' | ''

/** What the design asks for; `against` another contestant, a ratio of medians. */
export interface Target {
  readonly what: string
  readonly case: string
  readonly metric: string
  /** Whose figure it is; `millrace` by default. */
  readonly of?: string
  /** The contestant or case that it is divided by; without either, the figure itself is held against the bound. */
  readonly against?: string
  readonly againstCase?: string
  readonly atLeast?: number
  readonly atMost?: number
}

export interface TargetResult extends Target {
  /** The ratio or figure; undefined when a side was not measured. */
  readonly reached?: number
  readonly met?: boolean
}

/** Where a thread spent its time, from a CPU profile; waiting is left out. */
export interface ProfileSummary {
  readonly busySeconds: number
  readonly areas: readonly ProfileShare[]
  readonly functions: readonly ProfileShare[]
}

export interface ProfileShare {
  readonly name: string
  /** Of the busy time, 0 to 1. */
  readonly share: number
}

/** The middle value; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  if (sorted.length % 2 === 1) return sorted[middle] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Holds the rows of a run against a target. */
export function judge(target: Target, rows: readonly Row[]): TargetResult {
  const own = figureOf(rows, target.case, target.metric, target.of ?? 'millrace')
  const compared = target.against !== undefined || target.againstCase !== undefined
  const other = compared
    ? figureOf(rows, target.againstCase ?? target.case, target.metric, target.against ?? target.of ?? 'millrace')
    : 1
  if (own === undefined || other === undefined) return target
  const reached = own / other
  const met = reached >= (target.atLeast ?? Number.NEGATIVE_INFINITY) && reached <= (target.atMost ?? Infinity)
  return { ...target, reached, met }
}

function figureOf(rows: readonly Row[], name: string, metric: string, contestant: string): number | undefined {
  const row = rows.find((each) => each.case === name && each.metric === metric)
  const figure = row?.figures.find((each) => each.contestant === contestant)
  return figure === undefined ? undefined : median(figure.values)
}
