import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Limits } from '../../broker/limits.ts'
import { within } from '../server/harness.ts'

/** What broker-entry.ts is told. */
export interface EntrySettings {
  readonly data: string
  readonly memory?: boolean
  readonly clock?: 'real' | 'manual'
  readonly limits?: Partial<Limits>
  /** With it the engine says that commits are on disk this long before they are. */
  readonly hastyMillis?: number
}

/** A broker-entry.ts: loaded at once, opened when told to, killed when it pleases. */
export class BrokerChild {
  readonly #child: ChildProcess
  readonly #loaded: Promise<unknown>
  #output = ''
  readonly exited: Promise<number | NodeJS.Signals | null>

  constructor(settings: EntrySettings, nodeFlags: readonly string[] = []) {
    const script = fileURLToPath(new URL('./broker-entry.js', import.meta.url))
    this.#child = spawn(process.execPath, [...nodeFlags, script, JSON.stringify(settings)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output += chunk
      })
    }
    this.exited = new Promise((resolve) => this.#child.on('close', (code, signal) => resolve(code ?? signal)))
    this.#loaded = this.#message()
    this.#loaded.catch(() => undefined)
  }

  /** Opens the broker; resolves with its address. */
  async open(): Promise<string> {
    await within(this.#loaded, 'a broker is loaded')
    const opened = this.#message()
    this.#child.send('open')
    const { url } = (await within(opened, `a broker opens; it said: ${this.#output}`)) as { url: string }
    return url
  }

  /** Collects garbage, where the broker was started with --expose-gc. */
  collect(): void {
    this.#child.send('collect')
  }

  /** What it printed. */
  get output(): string {
    return this.#output
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    if (this.running) this.#child.kill(signal)
    return within(this.exited, `the broker ends after ${signal}`)
  }

  #message(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', resolve)
      this.exited.then((how) => reject(new Error(`the broker ended (${how}): ${this.#output}`)))
    })
  }
}
