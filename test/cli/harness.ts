import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type CreateBrokerOptions, createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { type Client, connect } from '../../client/index.ts'

/** The compiled command. */
export const cli = fileURLToPath(new URL('../../broker/millrace.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A command that runs: what it printed so far, and ways to wait for it. */
export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly #outcome: Promise<Outcome>
  readonly #chunks: Buffer[] = []
  stderr = ''

  constructor(args: readonly string[], { env = {}, cwd }: CliOptions) {
    // Neither colours nor addresses of whoever runs the tests.
    const own = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
    this.child = spawn(process.execPath, [cli, ...args], { env: { ...own, ...env }, cwd })
    this.child.stdout.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
    // A command that has seen enough of its stdin closes it.
    this.child.stdin.on('error', () => undefined)
    this.#outcome = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  get stdout(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  /** Its stdout as it came. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** Resolves when stdout holds `text`; throws when the command ends before. */
  async printed(text: string): Promise<void> {
    while (!this.stdout.includes(text)) {
      const over = await Promise.race([
        once(this.child.stdout, 'data').then(() => false),
        this.ended().then(() => true),
      ])
      if (over && !this.stdout.includes(text))
        throw new Error(`ended without printing ${text}: ${this.stdout}${this.stderr}`)
    }
  }

  ended(): Promise<Outcome> {
    return this.#outcome
  }
}

/** A broker, a client of it in this process, and the command line to use it by. */
export interface CliContext {
  readonly broker: EmbeddedBroker
  readonly client: Client
  /** Runs a command against the broker until it ends. */
  readonly run: (args: readonly string[], stdin?: string | Uint8Array, options?: CliOptions) => Promise<Outcome>
  /** Starts a command against the broker. */
  readonly start: (args: readonly string[], options?: CliOptions) => CliProcess
}

/** A test's body with a broker of its own. */
export function withCli(body: (context: CliContext) => Promise<void>, options: CreateBrokerOptions = {}) {
  return async (): Promise<void> => {
    const broker = await createBroker({ memory: true, port: 0, ...options })
    const client = await connect(broker)
    const started: CliProcess[] = []
    const start: CliContext['start'] = (args, { env, cwd } = {}) => {
      const process = new CliProcess(args, {
        env: { MILLRACE_URL: broker.url ?? '', ...env },
        ...(cwd === undefined ? {} : { cwd }),
      })
      started.push(process)
      return process
    }
    const run: CliContext['run'] = (args, stdin = '', options) => {
      const process = start(args, options)
      process.child.stdin.end(stdin)
      return process.ended()
    }
    try {
      await body({ broker, client, run, start })
    } finally {
      for (const { child } of started) child.kill('SIGKILL')
      await client.close()
      await broker.close()
    }
  }
}

/** Runs a command that needs no broker, or shall find none. */
export function runAlone(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const process = new CliProcess(args, options)
  process.child.stdin.end()
  return process.ended()
}
