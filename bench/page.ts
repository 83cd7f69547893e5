import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Chart, chartSvg, type Point } from './chart.ts'
import { figuresTable, participants, profileTables, targetsTable } from './report.ts'
import { median, type Results, type Row, type ScenarioResult } from './result.ts'
import { bindingCase, bindingFunctions, handledLatency } from './scenarios/bindings.ts'
import { fanOutCase, fanOutConsumers, live, stored } from './scenarios/fan-out.ts'
import { deliveredLatency, latencyCase } from './scenarios/latency.ts'

/** What stands between these is written by the bench; everything else on the page by hand. */
const block = /(<!-- bench: ([a-z-]+)(?: ([a-z]+))? -->\n)[\s\S]*?(<!-- end -->)/g
const latencyPercentiles = ['p50', 'p90', 'p99', 'p99.9', 'max']

/** Writes the tables of docs/performance.md and its charts anew from `results`. */
export async function writePage(root: string, results: Results): Promise<void> {
  const page = join(root, 'docs', 'performance.md')
  await writeFile(page, renderPage(await readFile(page, 'utf8'), results))
  const folder = join(root, 'docs', 'performance')
  await mkdir(folder, { recursive: true })
  for (const [name, svg] of charts(results)) await writeFile(join(folder, name), svg)
}

/** `text` with each block filled anew. */
export function renderPage(text: string, results: Results): string {
  return text.replace(block, (_, start: string, name: string, part: string | undefined, end: string) => {
    return `${start}\n${blockText(name, part, results)}\n\n${end}`
  })
}

function blockText(name: string, part: string | undefined, results: Results): string {
  if (name === 'machine') return machineText(Object.values(results))
  if (name === 'targets') return targetsTable(Object.values(results).flatMap((result) => result.targets))
  const result = results[name]
  if (result === undefined) return 'Not measured yet.'
  if (part === 'profile') return result.profiles === undefined ? 'Not measured yet.' : profileTables(result)
  const notes = result.notes.length === 0 ? [] : [result.notes.join('\n')]
  return [participants(result), figuresTable(result), ...notes].join('\n\n')
}

function machineText(results: readonly ScenarioResult[]): string {
  const lines = results.map(({ scenario, machine, commit, date, rounds }) => {
    const { cpu, cores, memoryGiB, system, node, fileSystem } = machine
    const what = `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${fileSystem}, ${system}, Node ${node}`
    return { scenario, what, when: `commit ${commit}, ${date.slice(0, 10)}, ${rounds} rounds` }
  })
  const groups = new Map<string, string[]>()
  for (const { scenario, what, when } of lines) {
    const key = `${what}; ${when}`
    groups.set(key, [...(groups.get(key) ?? []), scenario])
  }
  return [...groups].map(([key, scenarios]) => `- ${key}: ${scenarios.join(', ')}`).join('\n')
}

/** The charts that `results` give, by file name. */
export function charts(results: Results): Map<string, string> {
  const all = new Map<string, string>()
  const fanOut = results['fan-out']
  if (fanOut !== undefined) {
    all.set('fan-out-1-kib.svg', chartSvg(fanOutChart(fanOut, 1024, `${stored}, data`, 'Read from the log')))
    all.set('fan-out-128-b.svg', chartSvg(fanOutChart(fanOut, 128, `${live}, data`, 'Delivered while producing')))
  }
  const latency = results['latency']
  if (latency !== undefined) all.set('latency.svg', chartSvg(latencyChart(latency)))
  const bindings = results['bindings']
  if (bindings !== undefined) all.set('bindings.svg', chartSvg(bindingsChart(bindings)))
  return all
}

function bindingsChart(result: ScenarioResult): Chart {
  const rows = bindingFunctions.map((count) => findRow(result, bindingCase(count), `${handledLatency} p50`))
  return {
    title: 'From put to the start of a handler, more and more functions on one stream',
    subtitle: `Median delay of 13 records/s, each its own batch where it is pushed; median, least and most of ${result.rounds} rounds.`,
    xLabel: 'functions, each with a binding of its own',
    places: bindingFunctions.map(String),
    yLabel: 'milliseconds, logarithmic',
    logarithmic: true,
    series: namesIn(rows).map((name) => ({ name, points: rows.map((row) => pointOf(row, name)) })),
  }
}

function fanOutChart(result: ScenarioResult, bytes: number, metric: string, what: string): Chart {
  const rows = fanOutConsumers.map((consumers) => findRow(result, fanOutCase(bytes, consumers), metric))
  return {
    title: `Fan-out of ${bytes === 1024 ? '1 KiB' : `${bytes} B`} records to more and more consumers`,
    subtitle: `${what}, all consumers together; median, least and most of ${result.rounds} rounds. ${result.machine.cores} cores for both sides.`,
    xLabel: 'consumers, each with a connection of its own',
    places: fanOutConsumers.map(String),
    yLabel: 'delivered, MB/s',
    logarithmic: false,
    series: namesIn(rows).map((name) => ({ name, points: rows.map((row) => pointOf(row, name)) })),
  }
}

function latencyChart(result: ScenarioResult): Chart {
  const rows = latencyPercentiles.map((each) => findRow(result, latencyCase, `${deliveredLatency} ${each}`))
  return {
    title: `Put to delivered, ${latencyCase}`,
    subtitle: 'From the moment a record was due, whatever was late; millrace and redis-always flush first.',
    xLabel: 'percentile of all deliveries',
    places: latencyPercentiles,
    yLabel: 'milliseconds, logarithmic',
    logarithmic: true,
    series: namesIn(rows).map((name) => ({ name, points: rows.map((row) => pointOf(row, name)) })),
  }
}

function findRow(result: ScenarioResult, name: string, metric: string): Row | undefined {
  return result.rows.find((row) => row.case === name && row.metric === metric)
}

function namesIn(rows: readonly (Row | undefined)[]): string[] {
  return [...new Set(rows.flatMap((row) => row?.figures.map((figure) => figure.contestant) ?? []))]
}

function pointOf(row: Row | undefined, name: string): Point | undefined {
  const values = row?.figures.find((figure) => figure.contestant === name)?.values
  if (values === undefined) return undefined
  return { value: median(values), least: Math.min(...values), most: Math.max(...values) }
}
