import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { within } from '../server/harness.ts'

const cli = fileURLToPath(new URL('../../broker/millrace.js', import.meta.url))

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A broker in a process of its own, and all it said. */
export class BrokerProcess {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly exited: Promise<Exit>
  #wake: (() => void)[] = []

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, script = cli) {
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_')))
    this.child = spawn(process.execPath, [script, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...clean, ...env },
    })
    this.child.stdout?.on('data', (chunk) => {
      this.stdout += chunk
      this.#notify()
    })
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk
      this.#notify()
    })
    this.exited = new Promise((resolve) =>
      this.child.on('close', (code, signal) => {
        resolve({ code, signal })
        this.#notify()
      }),
    )
  }

  /** `millrace serve` with these flags, on a free port unless they say otherwise. */
  static serve(flags: readonly string[], env: Readonly<Record<string, string>> = {}): BrokerProcess {
    const port = flags.includes('--port') || env['MILLRACE_PORT'] !== undefined ? [] : ['--port', '0']
    return new BrokerProcess(['serve', ...port, ...flags], env)
  }

  /** Waits for the banner; resolves with the address in it. */
  async url(): Promise<string> {
    const [, url] = await this.says(/ at (https?:\/\/\S+)/)
    return url as string
  }

  /** Waits until stdout or stderr hold `pattern`. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr)
      if (found !== null) return found
      if (this.child.exitCode !== null)
        throw new Error(`it exited (${this.child.exitCode}): ${this.stdout}${this.stderr}`)
      await within(
        new Promise<void>((resolve) => this.#wake.push(resolve)),
        `the broker says ${pattern}; it said: ${this.stdout}${this.stderr}`,
      )
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Ends it, if it has not ended, and waits for that. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal)
    return within(this.exited, `the broker ends after ${signal}`)
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

/** Runs `body` with a directory that is removed afterwards. */
export async function withDirectory(body: (path: string) => Promise<void>): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    await body(path)
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
