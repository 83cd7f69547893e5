import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Results, ScenarioResult } from '../../bench/result.ts'
import { scenarios } from '../../bench/scenarios.ts'

const program = fileURLToPath(new URL('../../bench/run.js', import.meta.url))
const test = suite('bench')

interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

async function bench(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Run> {
  return promisify(execFile)(process.execPath, [program, ...args], { env }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error: Run) => error,
  )
}

/** Runs with `--quick` and returns what it wrote; whatever data it made must be gone. */
async function quickly(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<{ run: Run; results: Results }> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    const json = join(directory, 'results.json')
    const run = await bench([...args, '--quick', '--directory', directory, '--json', json, '--date', '2026-01-01'], env)
    assert.is(run.code, 0, run.stderr)
    const results = JSON.parse(await readFile(json, 'utf8')) as Results
    assert.equal(await readdir(directory), ['results.json'])
    return { run, results }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('without a name it lists every scenario, and does nothing', async () => {
  const { stdout, code } = await bench([])
  assert.is(code, 0)
  for (const { name, about } of scenarios) assert.ok(stdout.includes(name) && stdout.includes(about), name)
})

test('a name it does not know is refused, and so is a rival', async () => {
  const unknown = await bench(['apend'])
  assert.is(unknown.code, 1)
  assert.match(unknown.stderr, 'There is no scenario apend')
  const rival = await bench(['raw', '--rivals', 'kafka'])
  assert.is(rival.code, 1)
  assert.match(rival.stderr, 'kafka')
})

let all: Results = {}

test('every scenario runs to its end, and the JSON says where, when and what was measured', async () => {
  const { run, results } = await quickly(['all', '--rivals', 'none'])
  all = results
  assert.equal(
    Object.keys(results),
    scenarios.map(({ name }) => name),
  )
  for (const result of Object.values(results)) {
    assert.is(result.date, '2026-01-01')
    assert.ok(result.quick)
    assert.ok(result.machine.cores > 0 && result.machine.node === process.version)
    assert.match(result.commit, /^([0-9a-f]{12}\+?|unknown)$/)
    assert.ok(run.stdout.includes(`## ${result.scenario}:`), `${result.scenario} is not in what was printed`)
  }
})

test('every figure is sane: there, finite, not negative, and no rate is nothing', () => {
  for (const result of Object.values(all)) {
    assert.ok(result.rows.length > 0, result.scenario)
    for (const row of result.rows) {
      for (const { contestant, values } of row.figures) {
        const which = `${result.scenario}: ${row.case}: ${row.metric} of ${contestant}: ${values}`
        assert.is(values.length, result.rounds, which)
        const isRate = row.unit.endsWith('/s')
        // What consumers take in memory can be lost in the noise of a collector that ran in between.
        const mayBeNegative = row.metric.startsWith('memory of')
        for (const value of values) {
          assert.ok(Number.isFinite(value) && (mayBeNegative || value >= 0) && (!isRate || value > 0), which)
        }
      }
    }
  }
})

test('every contestant says what it promises of what it acknowledged', () => {
  for (const result of Object.values(all)) {
    const named = new Map(result.contestants.map(({ name, durability }) => [name, durability]))
    for (const row of result.rows) {
      for (const { contestant } of row.figures) {
        assert.ok((named.get(contestant) ?? '') !== '', `${result.scenario}: ${contestant}`)
      }
    }
  }
})

test('every target is judged, but for those that a rival is needed for', () => {
  for (const result of Object.values(all)) {
    const measured = new Set(result.contestants.map(({ name }) => name))
    for (const target of result.targets) {
      const absent = target.against !== undefined && !measured.has(target.against)
      if (absent) assert.is(target.reached, undefined)
      else assert.ok(Number.isFinite(target.reached), `${result.scenario}: ${target.what}`)
    }
  }
})

test('a rival that is not installed is said to be absent, and the others are measured', async () => {
  const programs = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  try {
    // All that the bench itself calls, and no broker.
    const folders = (process.env['PATH'] ?? '').split(delimiter)
    const sync = folders.map((folder) => join(folder, 'sync')).find((path) => existsSync(path))
    if (sync !== undefined) await symlink(sync, join(programs, 'sync'))
    const { run, results } = await quickly(['append-single', '--rivals', 'nats'], { ...process.env, PATH: programs })
    assert.equal(
      results['append-single']?.absent.map(({ name }) => name),
      ['nats'],
    )
    assert.match(run.stdout, '**nats**: not measured: there is no nats-server in PATH')
    assert.ok(rowsOf(results['append-single'], 'millrace') > 0)
  } finally {
    await rm(programs, { recursive: true, force: true })
  }
})

test('rivals that are installed are measured in the same run', async () => {
  const { results } = await quickly(['append-single', '--rivals', 'nats,redis'])
  const result = results['append-single'] as ScenarioResult
  const absent = result.absent.map(({ name }) => name)
  for (const name of ['nats', 'redis-always', 'redis-everysec']) {
    assert.is(rowsOf(result, name) > 0, !absent.includes(name), name)
  }
})

function rowsOf(result: ScenarioResult | undefined, contestant: string): number {
  const rows = result?.rows.filter((row) => row.figures.some((figure) => figure.contestant === contestant))
  return rows?.length ?? 0
}

test.run()
