import { markdownTable } from 'markdown-table'
import { digits, quantityText } from './quantity.ts'
import {
  median,
  type ProfileShare,
  type ProfileSummary,
  type Row,
  type ScenarioResult,
  type TargetResult,
} from './result.ts'

/** All of a result as text: who took part, the figures, the targets, the notes. It is Markdown, which reads as well in a terminal. */
export function reportText(result: ScenarioResult): string {
  const parts = [
    participants(result),
    figuresTable(result),
    result.targets.length === 0 ? '' : targetsTable(result.targets),
    result.notes.join('\n'),
    result.profiles === undefined ? '' : profileTables(result),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** Who was measured, and what each promises of what it acknowledged. */
export function participants({ contestants, absent }: ScenarioResult): string {
  return [
    ...contestants.map(({ name, version, durability }) => `- **${name}**: ${version}; ${durability}`),
    ...absent.map(({ name, reason }) => `- **${name}**: not measured: ${reason}`),
  ].join('\n')
}

/** One line for each thing measured; a column for each contestant; behind others' figures, ours divided by theirs. */
export function figuresTable(result: Pick<ScenarioResult, 'rows' | 'rounds'>): string {
  const names = [...new Set(result.rows.flatMap((row) => row.figures.map((figure) => figure.contestant)))]
  const compared = names.length > 1
  const head = ['', 'measured', ...names.map((name, i) => (compared && i > 0 ? `${name} (${names[0]} / it)` : name))]
  const lines = result.rows.map((row, i) => {
    const first = result.rows[i - 1]?.case === row.case ? '' : row.case
    return [
      first,
      row.unit === '' ? row.metric : `${row.metric}, ${row.unit}`,
      ...names.map((name) => cell(row, name, names[0])),
    ]
  })
  return markdownTable([head, ...lines], { align: ['l', 'l', ...names.map(() => 'r')] })
}

/** Median, and where there were several rounds, the least and the most. */
function cell(row: Row, name: string, first: string | undefined): string {
  const values = row.figures.find((figure) => figure.contestant === name)?.values
  if (values === undefined) return ''
  const text = (value: number) => quantityText(value, row.unit)
  const middle = median(values)
  const spread = values.length < 2 ? '' : ` (${text(Math.min(...values))} to ${text(Math.max(...values))})`
  const own = row.figures.find((figure) => figure.contestant === first)?.values
  // Shares of a core are to be read as they are: who does less takes less.
  const comparable = name !== first && own !== undefined && middle > 0 && row.unit !== '% of a core'
  const ratio = comparable ? ` ${digits(median(own) / middle)}x` : ''
  return `${text(middle)}${spread}${ratio}`
}

/** What the design asks, what was reached, and whether that is enough. */
export function targetsTable(targets: readonly TargetResult[]): string {
  const lines = targets.map((target) => [
    target.what,
    boundText(target),
    target.reached === undefined ? 'not measured' : reachedText(target, target.reached),
    target.met === undefined ? '' : target.met ? 'yes' : 'no',
  ])
  return markdownTable([['target', 'asked', 'reached', 'met'], ...lines], { align: ['l', 'r', 'r', 'l'] })
}

function isRatio(target: TargetResult): boolean {
  return target.against !== undefined || target.againstCase !== undefined
}

function boundText(target: TargetResult): string {
  const text = (value: number) => (isRatio(target) ? `${digits(value)}x` : quantityText(value, ''))
  if (target.atLeast !== undefined) return `>= ${text(target.atLeast)}`
  return target.atMost === undefined ? '' : `<= ${text(target.atMost)}`
}

function reachedText(target: TargetResult, reached: number): string {
  return isRatio(target) ? `${digits(reached)}x` : quantityText(reached, '')
}

/** Where the CPU time of the broker's main thread and of the load's went, by area and by function. */
export function profileTables({ profiles }: Pick<ScenarioResult, 'profiles'>): string {
  const { broker, load } = profiles ?? {}
  return [
    ...(broker === undefined ? [] : [profileTable("The broker's main thread", broker)]),
    ...(load === undefined ? [] : [profileTable("The load's main thread, our client in it", load)]),
  ].join('\n\n')
}

function profileTable(whose: string, { busySeconds, areas, functions }: ProfileSummary): string {
  const percent = ({ share }: ProfileShare) => `${(100 * share).toFixed(1)} %`
  const shown = areas.filter(({ share }) => share >= 0.005)
  const lines = Array.from({ length: Math.max(shown.length, functions.length) }, (_, i) =>
    [shown[i], functions[i]].flatMap((each) => (each === undefined ? ['', ''] : [each.name, percent(each)])),
  )
  const table = markdownTable([['area', 'self time', 'function', 'self time'], ...lines], {
    align: ['l', 'r', 'l', 'r'],
  })
  return `${whose}, busy for ${busySeconds.toFixed(1)} s:\n\n${table}`
}
