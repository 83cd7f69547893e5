// Runs every test file in a process of its own, three at a time, and the linter beside them. The last line it prints is
// `N passed, N failed`. Arguments choose files by a part of their path: npm test -- wire log/
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const compiled = fileURLToPath(new URL('.', import.meta.url))
const atOnce = 3
/** A file that takes longer hangs. */
const fileMillisMax = 8 * 60_000
/** A value in a failed comparison may be megabytes long. */
const lineCharsMax = 2_000

interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly output: string
}

/** Test files by their source, so that a compiled leftover of a deleted test doesn't run. */
function testFiles(): string[] {
  const sources = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  return sources
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.replace(/\.ts$/, '.js'))
    .sort()
}

function run(command: string, args: readonly string[]): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: process.env })
    let output = ''
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const timer = setTimeout(() => child.kill('SIGKILL'), fileMillisMax)
    child.on('error', (error) => resolve({ code: error.message, output }))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code: code ?? signal ?? 'unknown', output })
    })
  })
}

/** uvu ends with its totals; a file that crashed, hung or ran no test has none, or a bad exit code, and counts as failed. */
function outcomeOf(code: number | string, output: string): Outcome {
  const total = Number(/Total: +(\d+)/.exec(output)?.[1] ?? 0)
  const passed = Number(/Passed: +(\d+)/.exec(output)?.[1] ?? 0)
  const skipped = Number(/Skipped: +(\d+)/.exec(output)?.[1] ?? 0)
  // The total counts what ran; what was skipped comes on top.
  const failed = total - passed
  if (code === 0 && total + skipped > 0 && failed === 0) return { passed, failed: 0, output }
  // uvu gives up in silence on an error whose `details` is no text, as a MillraceError's is.
  const hint = code === 0 ? ': a test hung, or rejected with a MillraceError, which uvu cannot print' : ''
  return {
    passed,
    failed: Math.max(1, failed),
    output: `${output}
(exit: ${code}${hint})`,
  }
}

async function runFile(name: string): Promise<Outcome> {
  const { code, output } = await run(process.execPath, [join(compiled, name)])
  return outcomeOf(code, output)
}

async function lint(): Promise<Outcome> {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
  const { code, output } = await run(process.execPath, [biome, 'check', '.'])
  return code === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output }
}

function report(name: string, outcome: Outcome, millis: number): void {
  const { passed, failed, output } = outcome
  const seconds = (millis / 1000).toFixed(1)
  console.log(
    `${failed === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(44)} ${passed} passed${failed ? `, ${failed} failed` : ''}  ${seconds} s`,
  )
  if (failed > 0) console.log(output.split('\n').map(shortened).join('\n'))
  // A test that cannot run here says why in a line of its own.
  else for (const [line] of output.matchAll(/^skipped: .*$/gm)) console.log(`     ${line}`)
}

function shortened(line: string): string {
  return line.length <= lineCharsMax ? line : `${line.slice(0, lineCharsMax)} … (${line.length} characters)`
}

const filters = process.argv.slice(2)
const wanted = (name: string) => filters.length === 0 || filters.some((filter) => name.includes(filter))
const jobs: { name: string; start: () => Promise<Outcome> }[] = [
  { name: 'lint', start: lint },
  ...testFiles().map((name) => ({ name: relative('', name), start: () => runFile(name) })),
].filter((job) => wanted(job.name))

let passed = 0
let failed = 0
async function worker(): Promise<void> {
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    const started = performance.now()
    const outcome = await job.start()
    passed += outcome.passed
    failed += outcome.failed
    report(job.name, outcome, performance.now() - started)
  }
}

if (jobs.length === 0) {
  console.log(`No test file matches ${filters.join(' ')}; they are in test/, for example: npm test -- log/`)
  failed = 1
}
await Promise.all(Array.from({ length: atOnce }, worker))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
