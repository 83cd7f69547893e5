import { MillraceError } from '../../broker/wire/errors.ts'
import type {
  EmbeddedHandler,
  FunctionHost,
  FunctionLogLine,
  FunctionUnit,
  Invocation,
  InvocationResult,
} from '../../broker/wire/function-host.ts'
import { CodeWatch } from './code-watch.ts'
import { runEmbedded } from './embedded.ts'
import { FunctionLog } from './function-logs.ts'
import { FunctionProcess } from './function-process.ts'

/** A process that had nothing to do for this long is ended. */
const idleMillisMax = 5 * 60_000

export interface ProcessHostOptions {
  /** Processes at once, all functions together; who comes when all are busy waits in line. */
  readonly processesMax: number
  /** Environment variables that every function gets, such as where the broker is. */
  readonly environment: () => Readonly<Record<string, string>>
  /** Handlers of the embedding program, by function. */
  readonly embedded: ReadonlyMap<string, EmbeddedHandler>
}

/** Runs functions in processes of their own: warm ones first, as many side by side as there are invocations, within bounds. */
export class ProcessHost implements FunctionHost {
  readonly #options: ProcessHostOptions
  /** Longest idle first. */
  readonly #idle: { readonly process: FunctionProcess; readonly since: number }[] = []
  readonly #alive = new Set<FunctionProcess>()
  readonly #running = new Map<string, number>()
  readonly #waiting: (() => void)[] = []
  readonly #logs = new Map<string, FunctionLog>()
  readonly #watches = new Map<string, CodeWatch>()
  /** Grows with every `retire`, so that processes taken before are not kept. */
  readonly #retired = new Map<string, number>()
  readonly #reaper: NodeJS.Timeout
  #closed = false

  constructor(options: ProcessHostOptions) {
    this.#options = options
    this.#reaper = setInterval(() => this.#reap(), idleMillisMax / 10)
    this.#reaper.unref()
  }

  async invoke(unit: FunctionUnit, invocation: Invocation): Promise<InvocationResult> {
    if (this.#closed) throw new MillraceError('draining')
    const { name, concurrencyMax } = unit
    const running = this.#running.get(name) ?? 0
    if (concurrencyMax !== undefined && running >= concurrencyMax) {
      throw new MillraceError('concurrency_exceeded', { function: name, limit: concurrencyMax })
    }
    this.#running.set(name, running + 1)
    try {
      if (unit.directory === undefined) return await this.#runEmbedded(unit, invocation)
      return await this.#runInProcess(await this.#current(unit), invocation)
    } finally {
      const left = (this.#running.get(name) ?? 1) - 1
      if (left === 0) this.#running.delete(name)
      else this.#running.set(name, left)
    }
  }

  retire(name: string): void {
    this.#retired.set(name, (this.#retired.get(name) ?? 0) + 1)
    for (const { process } of this.#idle.filter((each) => each.process.unit.name === name)) process.kill()
  }

  logs(name: string, from: number, waitMillis: number, signal: AbortSignal): Promise<readonly FunctionLogLine[]> {
    return this.#log(name).read(from, waitMillis, signal)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#reaper)
    for (const process of [...this.#alive]) process.kill()
    for (const wake of this.#waiting.splice(0)) wake()
    for (const log of this.#logs.values()) log.close()
  }

  async #runInProcess(unit: FunctionUnit, invocation: Invocation): Promise<InvocationResult> {
    const retired = this.#retired.get(unit.name)
    const process = await this.#take(unit)
    const outcome = await process.run(invocation)
    if (!process.ended) {
      if (this.#retired.get(unit.name) === retired) this.#idle.push({ process, since: performance.now() })
      else process.kill()
    }
    this.#waiting.shift()?.()
    return outcome
  }

  async #runEmbedded(unit: FunctionUnit, invocation: Invocation): Promise<InvocationResult> {
    const handler = this.#options.embedded.get(unit.name)
    return runEmbedded(handler, unit, invocation)
  }

  /** The unit as its files are now. */
  async #current(unit: FunctionUnit): Promise<FunctionUnit> {
    if (!unit.watched || unit.directory === undefined) return unit
    let watch = this.#watches.get(unit.directory)
    if (watch === undefined) {
      watch = new CodeWatch(unit.directory)
      this.#watches.set(unit.directory, watch)
    }
    return { ...unit, revision: `${unit.revision}\n${await watch.generation()}` }
  }

  /** A process for `unit`, warm if there is one; waits while all are busy. */
  async #take(unit: FunctionUnit): Promise<FunctionProcess> {
    for (;;) {
      if (this.#closed) throw new MillraceError('draining')
      const warm = this.#takeWarm(unit)
      if (warm !== undefined) return warm
      if (this.#alive.size < this.#options.processesMax) return this.#make(unit)
      const longestIdle = this.#idle[0]
      if (longestIdle === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      else longestIdle.process.kill()
    }
  }

  #takeWarm(unit: FunctionUnit): FunctionProcess | undefined {
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const { process } = this.#idle[i] as { process: FunctionProcess }
      if (process.unit.name !== unit.name || process.unit.version !== unit.version) continue
      if (process.unit.revision === unit.revision) {
        this.#idle.splice(i, 1)
        return process
      }
      process.kill()
    }
    return undefined
  }

  #make(unit: FunctionUnit): FunctionProcess {
    const log = this.#log(unit.name)
    const process: FunctionProcess = new FunctionProcess({
      unit,
      environment: this.#options.environment(),
      onLine: (line) => log.add(line),
      onEnd: () => {
        this.#alive.delete(process)
        const at = this.#idle.findIndex((each) => each.process === process)
        if (at >= 0) this.#idle.splice(at, 1)
        this.#waiting.shift()?.()
      },
    })
    this.#alive.add(process)
    return process
  }

  #reap(): void {
    const oldest = performance.now() - idleMillisMax
    for (const { process } of this.#idle.filter((each) => each.since < oldest)) process.kill()
  }

  #log(name: string): FunctionLog {
    let log = this.#logs.get(name)
    if (log === undefined) {
      log = new FunctionLog()
      this.#logs.set(name, log)
    }
    return log
  }
}
