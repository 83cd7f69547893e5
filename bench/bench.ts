import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { millrace, type RunningMillrace } from './millrace.ts'
import { profiled, readProfiles } from './profile.ts'
import type { Absence, ContestantInfo, Row, ScenarioResult, Unit } from './result.ts'
import type { Scenario } from './scenario.ts'
import type { ServerProcess } from './server-process.ts'
import type { RunningSystem, System } from './system.ts'
import { rivals } from './systems.ts'

export interface BenchOptions {
  /** Sizes just large enough to see that everything runs. */
  readonly quick: boolean
  /** Turns of each contestant, warm-up not counted. */
  readonly rounds: number
  /** Names of the rivals wanted, or all. */
  readonly rivals: readonly string[] | undefined
  /** Where data goes, which must be a real disk for figures of durability to mean anything. */
  readonly directory: string
  /** Run our broker and the load under Node's CPU profiler. */
  readonly profile: boolean
  /** How far the backlog grows. */
  readonly backlogRecords: number
  /** Hears what is under way. */
  readonly progress: (text: string) => void
}

export const defaultOptions: BenchOptions = {
  quick: false,
  rounds: 5,
  rivals: undefined,
  directory: tmpdir(),
  profile: false,
  backlogRecords: 20_000_000,
  progress: () => undefined,
}

const directories = new Set<string>()
// A run that is cut short leaves no gigabytes behind. The servers, whose files they are, were killed by then.
process.on('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

/** One figure of one turn. */
export interface Sample {
  readonly metric: string
  readonly unit: Unit
  readonly value: number
}

/** One side of a comparison. */
export interface Contestant {
  readonly name: string
  measure(): Promise<readonly Sample[]>
}

/** What a scenario runs in: starts the brokers, gives the contestants their turns, and collects the figures. */
export class Bench {
  readonly options: BenchOptions
  readonly rows: Row[] = []
  readonly notes: string[] = []
  readonly contestants: ContestantInfo[] = []
  readonly absent: Absence[] = []
  profiles: ScenarioResult['profiles']
  readonly #scenario: Scenario
  #profileDirectory: string | undefined

  constructor(scenario: Scenario, options: BenchOptions) {
    this.#scenario = scenario
    this.options = options
  }

  /** Runs the scenario, after which the figures are here. */
  async run(): Promise<void> {
    if (!this.options.profile) return this.#scenario.run(this)
    await this.withDirectory(async (directory) => {
      this.#profileDirectory = directory
      const load = await profiled(() => this.#scenario.run(this))
      const broker = await readProfiles(directory)
      this.profiles = broker === undefined ? { load } : { broker, load }
    })
  }

  /** The size to run with: `full`, or just enough to see that it runs. */
  size(full: number, quick: number): number {
    return this.options.quick ? quick : full
  }

  /** A folder for data on the disk under test, gone after `use`. */
  async withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(this.options.directory, 'millrace-bench-'))
    directories.add(directory)
    try {
      return await use(directory)
    } finally {
      await rm(directory, { recursive: true, force: true })
      directories.delete(directory)
    }
  }

  /** Starts ours and the wanted rivals that are there, all at once: who has no turn is idle. Ours comes first. */
  async withSystems(
    use: (systems: readonly RunningSystem[], millrace: RunningMillrace) => Promise<void>,
  ): Promise<void> {
    await this.withDirectory(async (directory) => {
      const rivals = await this.presentRivals()
      const systems: RunningSystem[] = []
      try {
        const own = await this.startMillrace(join(directory, millrace.name))
        systems.push(own)
        for (const rival of rivals) {
          const data = join(directory, rival.name)
          await mkdir(data)
          systems.push(await rival.start(data))
        }
        await use(systems, own)
      } finally {
        for (const system of systems) await system[Symbol.asyncDispose]()
      }
    })
  }

  /** Starts ours in a process of its own; whoever calls ends it. */
  startMillrace(data: string): Promise<RunningMillrace> {
    const profileDirectory = this.#profileDirectory
    return millrace.start(data, profileDirectory === undefined ? {} : { profileDirectory })
  }

  /** Says who is measured, and names the wanted rivals that are there. */
  async presentRivals(): Promise<System[]> {
    this.introduce({ name: millrace.name, version: await millrace.version(), durability: millrace.durability })
    const present: System[] = []
    for (const rival of rivals) {
      if (!this.#scenario.rivals.includes(rival.name) || !this.#wanted(rival.name)) continue
      try {
        this.introduce({ name: rival.name, version: await rival.version(), durability: rival.durability })
        present.push(rival)
      } catch (error) {
        this.absent.push({ name: rival.name, reason: (error as Error).message })
      }
    }
    return present
  }

  /** Gives each contestant its turn, round after round (A B A B), so that whatever the machine does meets all of them alike. */
  async compare(name: string, contestants: readonly Contestant[]): Promise<void> {
    const warmUps = this.options.quick ? 0 : 1
    for (let round = -warmUps; round < this.options.rounds; round++) {
      for (const contestant of contestants) {
        const which = round < 0 ? 'warm-up' : `${round + 1} of ${this.options.rounds}`
        this.options.progress(`${this.#scenario.name}: ${name}: ${contestant.name}, ${which}`)
        await settle()
        const samples = await contestant.measure()
        if (round >= 0) for (const sample of samples) this.record(name, contestant.name, sample)
      }
    }
  }

  /** Takes down one figure. */
  record(name: string, contestant: string, { metric, unit, value }: Sample): void {
    let row = this.rows.find((each) => each.case === name && each.metric === metric)
    if (row === undefined) {
      row = { case: name, metric, unit, figures: [] }
      this.rows.push(row)
    }
    const figures = row.figures as { contestant: string; values: number[] }[]
    const figure = figures.find((each) => each.contestant === contestant)
    if (figure === undefined) figures.push({ contestant, values: [value] })
    else figure.values.push(value)
  }

  /** Says what a contestant that is no broker is, and what it promises. */
  introduce(contestant: ContestantInfo): void {
    this.contestants.push(contestant)
  }

  /** A sentence to print below the table. */
  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text)
  }

  #wanted(name: string): boolean {
    return this.options.rivals?.some((each) => name === each || name.startsWith(`${each}-`)) ?? true
  }
}

/** Writes out what others left in the page cache, so that nobody's flush pays for what another did not flush. */
async function settle(): Promise<void> {
  if (process.platform !== 'win32') await promisify(execFile)('sync')
}

/**
 * Runs `load`, and says beside its figures what share of a core the server and this process, the load, took meanwhile; with `records`,
 * how many were appended or delivered, also what CPU time one took. That figure holds where the others shake: on a busy machine.
 */
export async function withCpu(
  server: ServerProcess,
  load: () => Promise<readonly Sample[]>,
  records?: () => number,
): Promise<Sample[]> {
  const started = performance.now()
  const before = server.usage()
  const ownBefore = process.cpuUsage()
  const samples = await load()
  const seconds = (performance.now() - started) / 1000
  const own = process.cpuUsage(ownBefore)
  const after = server.usage()
  const cost = (who: string, cpuSeconds: number): Sample[] => [
    { metric: `${who} CPU`, unit: '% of a core', value: (100 * cpuSeconds) / seconds },
    ...(records === undefined
      ? []
      : [{ metric: `${who} CPU of a record`, unit: 'µs' as const, value: (1e6 * cpuSeconds) / records() }]),
  ]
  const broker = before === undefined || after === undefined ? [] : cost('broker', after.cpuSeconds - before.cpuSeconds)
  return [...samples, ...broker, ...cost('load', (own.user + own.system) / 1e6)]
}
