import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { Bench, type BenchOptions, defaultOptions } from './bench.ts'
import { describeCommit, describeMachine } from './machine.ts'
import { writePage } from './page.ts'
import { reportText } from './report.ts'
import { judge, type Results, type ScenarioResult } from './result.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const rivals = [...new Set(scenarios.flatMap((scenario) => scenario.rivals))]

interface Flags {
  readonly quick?: true
  readonly profile?: true
  readonly rivals?: string[]
  readonly rounds?: number
  readonly records: number
  readonly directory: string
  readonly json?: string
  readonly date?: string
  readonly page?: string
}

const program = new Command('bench')
  .usage('NAME... | all | --page FILE')
  .description('Measures the broker, beside others in the same run. Without a name it lists the scenarios.')
  .argument('[name...]', 'scenarios to run, or `all`')
  .option('--rivals <names>', `only these of ${rivals.join(', ')}; or none`, namesIn)
  .option('--rounds <count>', 'turns of each contestant', countIn)
  .option('--quick', 'sizes just large enough to see that everything runs; the figures mean nothing')
  .option('--profile', 'run our broker and the load under the CPU profiler and sum up where their time goes')
  .option('--records <count>', 'how far `backlog` grows', countIn, defaultOptions.backlogRecords)
  .option('--directory <path>', 'where data goes: a real disk', defaultOptions.directory)
  .option('--json <file>', 'write all figures there; other scenarios in that file stay')
  .option('--date <date>', 'the date to write into it; now by default')
  .option('--page <file>', 'run nothing: write the tables and charts of docs/performance.md anew from this JSON file')
  .showHelpAfterError('(run with --help for what it takes)')
  .action(main)

// Being told to stop ends this process like any other end, so that neither a server nor data stays behind.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
await program.parseAsync()

async function main(names: readonly string[], flags: Flags): Promise<void> {
  if (flags.page !== undefined) {
    await writePage(root, await readResults(flags.page))
    return
  }
  if (names.length === 0) {
    list()
    return
  }
  const options = optionsIn(flags)
  for (const scenario of chosen(names)) {
    const result = await run(scenario, options, flags.date)
    console.log(`\n## ${scenario.name}: ${scenario.about}\n\n${reportText(result)}`)
    if (flags.json !== undefined) await addResult(flags.json, result)
  }
}

function list(): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  for (const { name, about } of scenarios) console.log(`${name.padEnd(width)}  ${about}`)
  console.log('\nRun one with `npm run bench -- NAME`, all with `npm run bench -- all`; --help says more.')
}

function chosen(names: readonly string[]): readonly Scenario[] {
  if (names.includes('all')) return scenarios
  return names.map(
    (name) =>
      scenarios.find((each) => each.name === name) ??
      program.error(`There is no scenario ${name}; npm run bench lists them.`),
  )
}

function optionsIn(flags: Flags): BenchOptions {
  const quick = flags.quick === true
  return {
    quick,
    rounds: flags.rounds ?? (quick ? 1 : defaultOptions.rounds),
    rivals: flags.rivals,
    directory: flags.directory,
    profile: flags.profile === true,
    backlogRecords: flags.records,
    progress: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
      else process.stderr.write(`${text}\n`)
    },
  }
}

async function run(scenario: Scenario, options: BenchOptions, date: string | undefined): Promise<ScenarioResult> {
  const bench = new Bench(scenario, options)
  await bench.run()
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const { contestants, absent, rows, notes, profiles } = bench
  return {
    scenario: scenario.name,
    date: date ?? new Date().toISOString(),
    commit: await describeCommit(root),
    machine: await describeMachine(options.directory),
    quick: options.quick,
    rounds: options.rounds,
    contestants,
    absent,
    rows,
    targets: scenario.targets.map((target) => judge(target, rows)),
    notes,
    ...(profiles === undefined ? {} : { profiles }),
  }
}

async function readResults(file: string): Promise<Results> {
  return JSON.parse(await readFile(file, 'utf8')) as Results
}

async function addResult(file: string, result: ScenarioResult): Promise<void> {
  const others = existsSync(file) ? await readResults(file) : {}
  await writeFile(file, `${JSON.stringify({ ...others, [result.scenario]: result }, undefined, 1)}\n`)
}

function namesIn(text: string): string[] {
  const names = text === 'none' ? [] : text.split(',')
  const unknown = names.filter((name) => !rivals.some((each) => each === name || each.startsWith(`${name}-`)))
  if (unknown.length > 0) throw new InvalidArgumentError(`Not known here: ${unknown.join(', ')}.`)
  return names
}

function countIn(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text)
  if (match === null || Number(match[1]) <= 0)
    throw new InvalidArgumentError('It must be a count such as 5, 500k or 20M.')
  return Number(match[1]) * (match[2] === 'M' ? 1e6 : match[2] === 'k' ? 1e3 : 1)
}
