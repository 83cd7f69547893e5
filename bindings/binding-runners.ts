import { type BindingDescription, type BindingRecord, isRoute } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { Client } from '../client/index.ts'
import type { ConnectionOf } from './api-destinations.ts'
import { OutgoingRunner } from './outgoing-runner.ts'
import { QueueRunner } from './queue-runner.ts'
import { StreamRunner, type StreamRunnerOptions } from './stream-runner.ts'
import { Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'

const waitMillis = 20_000
const againMillis = 500

export interface BindingRunnersOptions {
  readonly client: Client
  readonly time: Time
  /** Whether targets by HTTP may be of this machine and its network. */
  readonly privateTargets: boolean
  /** How API destinations let calls in: what is secret never goes through the API. */
  readonly connectionOf?: ConnectionOf
  /** Hears of what should not happen. */
  readonly onFault: (error: unknown) => void
}

/** What works a binding of one kind of source. */
interface Runner {
  /** Begins nothing more; resolves when what is under way is done. */
  stop(): Promise<void>
}

interface Running {
  readonly revision: number
  readonly createdAt: number
  readonly isRoute: boolean
  readonly runner: Runner
}

/** Works all bindings of a broker, as a client of it: hears of changes, and starts, restarts and stops what works each. */
export class BindingRunners {
  readonly #options: BindingRunnersOptions
  readonly #targets: Targets
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Running>()
  /** Routes that have not finished what they had under way when they were stopped. */
  readonly #ending = new Set<Promise<void>>()
  readonly #reported = new Map<string, string>()
  readonly #following: Promise<void>

  constructor(options: BindingRunnersOptions) {
    this.#options = options
    const connections = options.connectionOf === undefined ? {} : { connectionOf: options.connectionOf }
    this.#targets = new Targets(options.client, options.time, {
      privateAddresses: options.privateTargets,
      ...connections,
    })
    this.#following = this.#follow()
  }

  /** Stops all; resolves when what is under way is done and its positions are kept. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#following
    await Promise.all([...this.#ending, ...[...this.#running.values()].map(({ runner }) => runner.stop())])
    await this.#targets.close()
  }

  async #follow(): Promise<void> {
    const { client, time, onFault } = this.#options
    const { signal } = this.#stopping
    let version = 0
    while (!signal.aborted) {
      try {
        const query = { version: `${version}`, waitMillis: `${waitMillis}` }
        const answer = (await client.endpoint.call({ method: 'GET', path: '/v1/bindings', query, signal })) as {
          version: number
          bindings: BindingDescription[]
        }
        version = answer.version
        await this.#adjust(answer.bindings)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof MillraceError)) onFault(error)
        await sleep(time, againMillis, signal)
      }
    }
  }

  async #adjust(bindings: readonly BindingDescription[]): Promise<void> {
    const active = bindings.filter((each) => !each.paused && !each.dormant)
    const wanted = new Map(active.map((each) => [each.name, each]))
    const stops: Promise<void>[] = []
    for (const [name, { revision, createdAt, isRoute, runner }] of this.#running) {
      const now = wanted.get(name)
      // Another one may have its name by now.
      if (now?.revision === revision && now.createdAt === createdAt) continue
      this.#running.delete(name)
      if (isRoute) this.#end(runner)
      else stops.push(runner.stop())
    }
    // One that changed goes on from where its former self ended.
    await Promise.all(stops)
    for (const [name, binding] of wanted) {
      if (this.#running.has(name)) continue
      const { client, time } = this.#options
      const targets = this.#targets
      const report = (result: string, error?: string) => this.#report(name, result, error)
      this.#running.set(name, {
        revision: binding.revision,
        createdAt: binding.createdAt,
        isRoute: isRoute(binding),
        runner: runnerOf({ client, targets, time, binding, report }),
      })
    }
  }

  /** An endpoint that hangs must not hold up the others: what waits for it is hidden from whoever works the route next. */
  #end(runner: Runner): void {
    const ending = runner.stop().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  /** Tells the broker how a binding fares, when that is news. */
  #report(name: string, lastResult: string, lastError?: string): void {
    const news = `${lastResult} ${lastError ?? ''}`
    if (this.#reported.get(name) === news) return
    this.#reported.set(name, news)
    const { client, time } = this.#options
    const body = { lastResult, at: time.now(), ...(lastError === undefined ? {} : { lastError }) }
    // Nobody waits for it, and the next one will say more.
    client.endpoint
      .call({ method: 'PUT', path: `/v1/bindings/${encodeURIComponent(name)}/status`, body })
      .catch(() => this.#reported.delete(name))
  }
}

/** One line a kind of source. */
function runnerOf({
  binding,
  ...options
}: { readonly binding: BindingRecord } & Omit<StreamRunnerOptions, 'binding'>): Runner {
  if (isRoute(binding)) return new OutgoingRunner({ ...options, binding })
  const { source } = binding
  if (source.kind === 'queue') return new QueueRunner({ ...options, binding: { ...binding, source } })
  if (source.kind === 'stream') return new StreamRunner({ ...options, binding: { ...binding, source } })
  throw new MillraceError('internal', {
    reason: `binding ${binding.name} is a route that says nothing of its deliveries`,
  })
}
