import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import * as assert from 'uvu/assert'
import { createBroker, type EmbeddedBroker } from '../../broker/index.ts'
import { root } from '../sources.ts'
import { type Program, type Step, stepsOf } from './page.ts'

/** A block that takes longer hangs. */
const blockMillisMax = 60_000
/** What pages call the broker's address. */
const usualPort = /\b4566\b/g

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the blocks of a page as a reader would, in a folder of their own: `npx millrace` and `npm` are those of this checkout, and the port
 * 4566 stands for the one that the page's broker has. A block that starts a broker is left running for the blocks behind it.
 */
export async function runPage(path: string): Promise<void> {
  const steps = stepsOf(path)
  if (steps.length === 0) return
  const run = await PageRun.begin()
  try {
    const programs = steps.flatMap((step) => (step.kind === 'ts' ? [step.program] : []))
    await run.compile(programs)
    for (const step of steps) await run.step(step, programs)
  } finally {
    await run.end()
  }
}

class PageRun {
  readonly #folder: string
  #broker: EmbeddedBroker | undefined
  #started: StartedBroker | undefined

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async begin(): Promise<PageRun> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-page-'))
    await mkdir(join(folder, 'bin'))
    const cli = join(root, 'dist', 'broker', 'millrace.js')
    const npx = `#!/bin/sh\n[ "$1" = millrace ] && shift && exec "${process.execPath}" "${cli}" "$@"\nexit 127\n`
    await writeFile(join(folder, 'bin', 'npx'), npx, { mode: 0o755 })
    // What a reader of the page runs in the checkout, others in a project of theirs that has the package.
    await writeFile(join(folder, 'bin', 'npm'), `#!/bin/sh\ncd "${root}" && exec npm-of-path "$@"\n`, { mode: 0o755 })
    await symlink(await commandPath('npm'), join(folder, 'bin', 'npm-of-path'))
    await mkdir(join(folder, 'node_modules'))
    await symlink(root, join(folder, 'node_modules', 'millrace'))
    for (const name of ['@types', '@aws-sdk', '@smithy', 'uvu', 'ws']) {
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    }
    return new PageRun(folder)
  }

  async end(): Promise<void> {
    await this.#started?.stop()
    await this.#broker?.close()
    await rm(this.#folder, { recursive: true })
  }

  /** Checks the types of all programs and compiles them, as a reader with strict settings would. */
  async compile(programs: readonly Program[]): Promise<void> {
    if (programs.length === 0) return
    const options = {
      compilerOptions: {
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        module: 'nodenext',
        strict: true,
        types: ['node'],
        rootDir: 'src',
        outDir: 'out',
        skipLibCheck: true,
      },
      include: ['src'],
    }
    await mkdir(join(this.#folder, 'src'))
    await writeFile(join(this.#folder, 'tsconfig.json'), JSON.stringify(options))
    await writeFile(join(this.#folder, 'package.json'), '{"type": "module"}')
    for (const [i, { source }] of programs.entries()) {
      await writeFile(join(this.#folder, 'src', `program-${i}.ts`), source)
    }
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const { code, stdout } = await this.#spawn(process.execPath, [tsc, '-p', this.#folder])
    const named = programs.map(({ where, source }, i) => `program-${i}.ts is ${where}:\n${source}`)
    assert.is(code, 0, `${stdout}\n${named.join('\n')}`)
  }

  async step(step: Step, programs: readonly Program[]): Promise<void> {
    if (step.kind === 'ts') {
      const { program } = step
      await this.#runProgram(program, programs.indexOf(program))
    } else if (startsBroker(step.script)) {
      await this.#started?.stop()
      this.#started = await StartedBroker.start(step.script, step.where, this.#environment(), this.#folder)
    } else {
      const script = await this.#address(step.script)
      const { code, stdout, stderr } = await this.#spawn('bash', ['-euo', 'pipefail', '-c', script])
      assert.is(code, 0, `${step.where} ends with ${code}:\n${step.script}\n${stdout}${stderr}`)
      if (step.output !== undefined) requireOutput(step.where, stdout, await this.#address(step.output))
    }
  }

  async #runProgram({ where, source }: Program, index: number): Promise<void> {
    const compiled = join(this.#folder, 'out', `program-${index}.js`)
    await writeFile(compiled, await this.#address(await readFile(compiled, 'utf8')))
    const { code, stdout, stderr } = await this.#spawn(process.execPath, [compiled])
    assert.is(code, 0, `${where} ends with ${code}:\n${source}\n${stdout}${stderr}`)
  }

  /** `text` with the port that the page's broker really has; a page that starts none finds one running. */
  async #address(text: string): Promise<string> {
    if (this.#started === undefined) this.#broker ??= await createBroker({ memory: true, port: 0, clock: 'manual' })
    const url = this.#started?.url ?? this.#broker?.url ?? ''
    return text.replace(usualPort, new URL(url).port)
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: [join(this.#folder, 'bin'), process.env['PATH']].join(delimiter),
      HOME: process.env['HOME'],
      MILLRACE_DATA: join(this.#folder, 'data'),
    }
  }

  async #spawn(command: string, args: readonly string[]): Promise<Outcome> {
    const url = this.#started?.url ?? this.#broker?.url
    const env = { ...this.#environment(), ...(url === undefined ? {} : { MILLRACE_URL: url }) }
    const child = spawn(command, args, { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
    const timer = setTimeout(() => child.kill('SIGKILL'), blockMillisMax)
    const [code] = (await once(child, 'close')) as [number | null]
    clearTimeout(timer)
    return { code, stdout: stdout(), stderr: stderr() }
  }
}

/** Whether a block runs a broker, which goes on until it is told to end. */
function startsBroker(script: string): boolean {
  return /^(npm start|npx millrace serve)\b/m.test(script)
}

/** A broker that a block of a page started. */
class StartedBroker {
  readonly url: string
  readonly #child: ReturnType<typeof spawn>
  readonly #ended: Promise<unknown>

  private constructor(url: string, child: ReturnType<typeof spawn>, ended: Promise<unknown>) {
    this.url = url
    this.#child = child
    this.#ended = ended
  }

  static async start(
    script: string,
    where: string,
    environment: NodeJS.ProcessEnv,
    cwd: string,
  ): Promise<StartedBroker> {
    // Any free port instead of the usual one, whether the block names it or not.
    const free = script.replace(/--port \d+/g, '--port 0')
    const env = { ...environment, MILLRACE_PORT: '0' }
    const child = spawn('bash', ['-euc', free], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
    const ended = once(child, 'close')
    let over = false
    void ended.then(() => {
      over = true
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), blockMillisMax)
    for (;;) {
      const url = /Millrace \S+ at (https?:\/\/\S+)/.exec(stdout())?.[1]
      if (url !== undefined) {
        clearTimeout(timer)
        return new StartedBroker(url.replace('0.0.0.0', '127.0.0.1'), child, ended)
      }
      assert.not(over, `${where} started no broker:\n${script}\n${stdout()}${stderr()}`)
      await Promise.race([once(child.stdout, 'data'), ended])
    }
  }

  async stop(): Promise<void> {
    // The whole group: npm passes no signals on.
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGTERM')
    await this.#ended
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

/** `…` in the page stands for anything, and runs of spaces for each other. */
function requireOutput(where: string, printed: string, expected: string): void {
  const plain = (text: string) => text.trim().replace(/[ \t]+/g, ' ')
  const pattern = plain(expected)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^\\n]*?')
  assert.match(plain(printed), new RegExp(`^${pattern}$`), `${where} prints something else:\n${printed}`)
}

async function commandPath(name: string): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = await access(join(folder, name)).then(
      () => true,
      () => false,
    )
    if (found) return join(folder, name)
  }
  throw new Error(`there is no ${name} in PATH`)
}
