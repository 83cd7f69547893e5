import { type ChildProcess, spawn } from 'node:child_process'
import type { FunctionUnit, Invocation } from '../../broker/wire/function-host.ts'
import { exited, exitText, invalidEntrypoint, outOfMemory, responseTooLarge, timedOut } from './failures.ts'
import { LineSplitter, LogTail } from './function-logs.ts'
import { commandOf, environmentOf } from './process-command.ts'
import { MemoryWatch } from './process-memory.ts'
import { RuntimeApi, responseBytesMax } from './runtime-api.ts'

/** How long a process may take until it asks for work, beside the function's own time: a busy machine starts programs slowly. */
const initMillisMax = 30_000

/** How an invocation ended. */
export interface Outcome {
  readonly payload: Uint8Array
  readonly failed: boolean
  readonly log: Uint8Array
  readonly durationMillis: number
}

interface Work {
  readonly invocation: Invocation
  readonly tail: LogTail
  readonly resolve: (outcome: Outcome) => void
  startedAt: number
  /** Of a streamed answer that is wanted as a whole. */
  readonly pieces: Uint8Array[]
  /** Whether the process has it. */
  delivered: boolean
  timer: NodeJS.Timeout | undefined
  memory: MemoryWatch | undefined
}

export interface FunctionProcessOptions {
  readonly unit: FunctionUnit
  /** Environment variables beside those of the function and of Lambda. */
  readonly environment: Readonly<Record<string, string>>
  readonly onLine: (line: string) => void
  /** It is gone; called once. */
  readonly onEnd: () => void
}

/** One process of a function: one invocation at a time, many one after another, until it dies or is killed. */
export class FunctionProcess {
  readonly unit: FunctionUnit
  readonly #options: FunctionProcessOptions
  readonly #splitters: LineSplitter[] = []
  #api: RuntimeApi | undefined
  #child: ChildProcess | undefined
  #asksForWork = false
  #work: Work | undefined
  /** Of the invocation under way, or over only just. */
  #tail: LogTail | undefined
  #initTimer: NodeJS.Timeout | undefined
  #initStartedAt = 0
  /** What the first report says of the start; empty afterwards. */
  #initText = ''
  #isWarm = false
  /** Why it was killed, if it was: says what the invocation under way gets. */
  #verdict: ((requestId: string) => Uint8Array) | undefined
  #ended = false

  constructor(options: FunctionProcessOptions) {
    this.unit = options.unit
    this.#options = options
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Runs one invocation; it must be the only one. Starts the process if need be. */
  run(invocation: Invocation): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#tail = new LogTail()
      this.#work = {
        invocation,
        tail: this.#tail,
        resolve,
        startedAt: 0,
        pieces: [],
        delivered: false,
        timer: undefined,
        memory: undefined,
      }
      this.#line(`START RequestId: ${invocation.requestId} Version: ${this.unit.version}`)
      if (this.#asksForWork) this.#deliver()
      else if (this.#api === undefined) this.#start()
    })
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#kill()
    this.#end()
  }

  #start(): void {
    this.#initStartedAt = performance.now()
    this.#spawn().catch((error: Error) => this.#giveUp((id) => invalidEntrypoint(id, error.message)))
  }

  async #spawn(): Promise<void> {
    const api = await RuntimeApi.open({
      ready: () => this.#ready(),
      responded: (id, payload) => this.#isFor(id, () => this.#settle(payload, false)),
      chunk: (id, chunk, contentType) => this.#chunk(id, chunk, contentType),
      streamEnded: (id, error) =>
        this.#isFor(id, ({ pieces }) => this.#settle(error ?? Buffer.concat(pieces), error !== undefined)),
      tooLarge: (id) => this.#isFor(id, () => this.#settle(responseTooLarge(), true)),
      failed: (id, error) => this.#isFor(id, () => this.#settle(error, true)),
      initFailed: (error) => this.#giveUp(() => error),
    })
    this.#api = api
    const command = await commandOf(this.unit)
    if (this.#ended) {
      api.close()
      return
    }
    if (command === undefined) {
      this.#giveUp((id) =>
        invalidEntrypoint(id, `Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]`),
      )
      return
    }
    const env = environmentOf(this.unit, api.address, this.#options.environment)
    const child = spawn(command.file, command.args, {
      cwd: this.unit.directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it starts can be ended with it.
      detached: process.platform !== 'win32',
    })
    this.#adopt(child)
  }

  #adopt(child: ChildProcess): void {
    this.#child = child
    for (const pipe of [child.stdout, child.stderr]) {
      const splitter = new LineSplitter((line) => this.#line(line))
      this.#splitters.push(splitter)
      pipe?.on('data', (chunk: Buffer) => splitter.push(chunk))
      pipe?.on('error', () => undefined)
    }
    child.on('error', (error) => this.#giveUp((id) => invalidEntrypoint(id, error.message)))
    // What it wrote is read to the end before its end counts.
    child.on('close', (code, signal) => {
      for (const splitter of this.#splitters) splitter.flush()
      this.#verdict ??= (id) => {
        this.#line(`RequestId: ${id} Error: ${exitText(code, signal)}`)
        return exited(id, code, signal)
      }
      this.#end()
    })
    const millis = initMillisMax + this.unit.timeoutMillis
    this.#initTimer = setTimeout(() => this.#giveUp((id) => timedOut(id, millis)), millis)
  }

  #ready(): void {
    clearTimeout(this.#initTimer)
    if (!this.#isWarm) this.#initText = `\tInit Duration: ${(performance.now() - this.#initStartedAt).toFixed(2)} ms`
    this.#isWarm = true
    this.#asksForWork = true
    if (this.#work !== undefined && !this.#work.delivered) this.#deliver()
  }

  #deliver(): void {
    const work = this.#work as Work
    const { invocation } = work
    const { timeoutMillis, memoryMegabytes } = this.unit
    this.#asksForWork = false
    work.delivered = true
    work.startedAt = performance.now()
    work.timer = setTimeout(() => this.#timeOut(), timeoutMillis)
    const pid = this.#child?.pid
    if (pid !== undefined) work.memory = new MemoryWatch(pid, memoryMegabytes, () => this.#exceedMemory())
    this.#api?.deliver({
      requestId: invocation.requestId,
      payload: invocation.payload,
      headers: deliveryHeaders(invocation, Date.now() + timeoutMillis),
    })
  }

  #isFor(requestId: string, then: (work: Work) => void): boolean {
    const work = this.#work
    if (work === undefined || !work.delivered || work.invocation.requestId !== requestId) return false
    then(work)
    return true
  }

  /** A piece of a streamed answer: handed on, or kept until all of it is there. */
  #chunk(requestId: string, chunk: Uint8Array, contentType: string): boolean | Promise<void> {
    let waits: Promise<void> | undefined
    const known = this.#isFor(requestId, ({ invocation, pieces }) => {
      if (invocation.onChunk !== undefined) waits = invocation.onChunk(chunk, contentType) ?? undefined
      else if (pieces.push(chunk) && bytesOf(pieces) > responseBytesMax) this.#settle(responseTooLarge(), true)
    })
    return waits ?? known
  }

  #timeOut(): void {
    const seconds = (this.unit.timeoutMillis / 1000).toFixed(2)
    this.#line(
      `${new Date().toISOString()} ${this.#work?.invocation.requestId} Task timed out after ${seconds} seconds`,
    )
    this.#giveUp((id) => timedOut(id, this.unit.timeoutMillis))
  }

  #exceedMemory(): void {
    this.#giveUp((id) => {
      this.#line(`RequestId: ${id} Error: Runtime exited with error: signal: killed`)
      return outOfMemory(id)
    })
  }

  /** Kills the process; what runs in it gets `verdict` as its error. */
  #giveUp(verdict: (requestId: string) => Uint8Array): void {
    this.#verdict ??= verdict
    this.#kill()
    this.#end()
  }

  /** The invocation is over, and the process lives on. */
  #settle(payload: Uint8Array, failed: boolean): void {
    const work = this.#work as Work
    this.#work = undefined
    clearTimeout(work.timer)
    work.memory?.stop()
    const durationMillis = work.startedAt === 0 ? 0 : performance.now() - work.startedAt
    const finish = () => {
      this.#report(work, durationMillis)
      this.#tail = undefined
      work.resolve({ payload, failed, log: work.tail.bytes(), durationMillis })
    }
    // Its last lines may lie in the pipe still: the event loop's next look at its sockets and pipes brings them.
    setImmediate(() => setImmediate(finish))
  }

  #report({ invocation, tail }: Work, durationMillis: number): void {
    const id = `RequestId: ${invocation.requestId}`
    const times = `Duration: ${durationMillis.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMillis)} ms`
    const lines = [`END ${id}`, `REPORT ${id}\t${times}\tMemory Size: ${this.unit.memoryMegabytes} MB${this.#initText}`]
    this.#initText = ''
    for (const line of lines) {
      tail.add(line)
      this.#options.onLine(line)
    }
  }

  #line(line: string): void {
    this.#tail?.add(line)
    this.#options.onLine(line)
  }

  #kill(): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
    } catch {
      // It is gone already, which is what was wanted.
    }
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#initTimer)
    this.#api?.close()
    const work = this.#work
    if (work !== undefined) {
      const id = work.invocation.requestId
      this.#settle((this.#verdict ?? ((each) => exited(each, null, 'SIGKILL')))(id), true)
    }
    this.#options.onEnd()
  }
}

function bytesOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

function deliveryHeaders(invocation: Invocation, deadline: number): Record<string, string> {
  const { requestId, invokedArn, traceId, clientContext } = invocation
  return {
    'Lambda-Runtime-Aws-Request-Id': requestId,
    'Lambda-Runtime-Deadline-Ms': `${deadline}`,
    'Lambda-Runtime-Invoked-Function-Arn': invokedArn,
    ...(traceId === undefined ? {} : { 'Lambda-Runtime-Trace-Id': traceId }),
    ...(clientContext === undefined ? {} : { 'Lambda-Runtime-Client-Context': clientContext }),
  }
}
