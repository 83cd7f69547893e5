import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { promisify } from 'node:util'

/** How long a server has to say that it is ready, and to end once told to. */
const startMillisMax = 30_000
const stopMillisMax = 20_000
/** Linux counts CPU time in these, whatever its kernel's own tick is. */
const ticksPerSecond = 100

const running = new Set<ChildProcess>()
// Whatever ends the bench, no server stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface ServerCommand {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** A line of its output that matches means ready; its first group is handed on, its port say. A number: the port it will listen on, of one that doesn't say when. */
  readonly ready: RegExp | number
}

/** What a process has used so far; undefined where the system doesn't say. */
export interface Usage {
  readonly cpuSeconds: number
  /** Memory of its own, without pages of mapped files. */
  readonly anonymousBytes: number
  readonly residentBytes: number
}

/** A server in a process of its own. */
export class ServerProcess {
  /** What its ready line said. */
  readonly said: string
  /** From the start of the process until it said it was ready. */
  readonly readyMillis: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, said: string, readyMillis: number) {
    this.#child = child
    this.said = said
    this.readyMillis = readyMillis
  }

  /**
   * Starts it and waits until it is ready.
   * @throws Error with its output, when it ends before or takes too long
   */
  static start(server: ServerCommand): Promise<ServerProcess> {
    const started = performance.now()
    const child = spawn(server.command, server.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...server.env },
    })
    running.add(child)
    let output = ''
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        clearTimeout(timer)
        child.kill('SIGKILL')
        reject(new Error(`${server.name} did not start: ${reason}\n${output.slice(-2_000)}`))
      }
      const timer = setTimeout(() => fail(`not ready after ${startMillisMax / 1000} s`), startMillisMax)
      const { ready } = server
      const begin = (said: string) => {
        clearTimeout(timer)
        resolve(new ServerProcess(child, said, performance.now() - started))
      }
      const hear = (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000)
        const match = ready instanceof RegExp ? ready.exec(output) : null
        if (match !== null) begin(match[1] ?? '')
      }
      if (typeof ready === 'number') whenListening(ready, child, () => begin(String(ready)))
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('error', (error) => fail(error.message))
      child.on('exit', (code, signal) => {
        running.delete(child)
        fail(`it ended with ${code ?? signal}`)
      })
    })
  }

  usage(): Usage | undefined {
    return this.#child.pid === undefined ? undefined : usageOf(this.#child.pid)
  }

  /** Ends it and waits until it is gone. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMillisMax)
    await gone
    clearTimeout(timer)
  }
}

/** What process `pid` has used, from Linux's /proc; undefined elsewhere. */
export function usageOf(pid: number | 'self'): Usage | undefined {
  if (process.platform !== 'linux') return undefined
  // The second field is the program's name in brackets, which may hold anything; the numbers come behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN)
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    anonymousBytes: kibibytes('RssAnon') * 1024,
    residentBytes: kibibytes('VmRSS') * 1024,
  }
}

/**
 * What `command` prints, in one line.
 * @throws Error saying that it is not there
 */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args)
    return stdout.trim()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new Error(`there is no ${command} in PATH`, { cause })
  }
}

/** Calls `then` once somebody listens on `port`; never, when `child` has ended. */
function whenListening(port: number, child: ChildProcess, then: () => void): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  const socket = connect(port, '127.0.0.1')
  socket.on('connect', () => {
    socket.destroy()
    then()
  })
  socket.on('error', () => setTimeout(() => whenListening(port, child, then), 50))
}

/** A port nobody listens on at the moment, for servers that can't choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
