import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { codeOf, functionsOf, importsOf } from './source-code.ts'
import { root, type Source, sourcesIn } from './sources.ts'
import { suite } from './suite.ts'

const test = suite('tidy')

const directories = ['broker', 'client', 'bindings', 'bench'].filter((name) => existsSync(join(root, name)))
const product = directories.flatMap(sourcesIn)
const tests = sourcesIn('test')
const paths = new Set([...product, ...tests].map(({ path }) => path))

/** Fails with all that is wrong, one line each, and with what to do about it. */
function none(wrong: readonly string[], instead: string): void {
  assert.ok(wrong.length === 0, `${wrong.join('\n')}\n  ${instead}`)
}

/** The lines of a file's code that match, as `path:line: text`. */
function linesOf({ path, text }: Source, pattern: RegExp): string[] {
  const lines = text.split('\n')
  const code = codeOf(text).split('\n')
  return code.flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${lines[i]?.trim()}`] : []))
}

interface Part {
  readonly name: string
  /** Files and directories that are this part. */
  readonly of: readonly string[]
  /** The parts it may import beside itself. */
  readonly may: readonly string[]
}

const below = {
  api: ['wire', 'ground', 'store', 'log', 'modes', 'broker'],
  broker: ['wire', 'ground', 'store', 'log', 'modes'],
  modes: ['wire', 'ground', 'store', 'log'],
  log: ['wire', 'ground', 'store'],
}
const ground = ['broker/clock.ts', 'broker/timer-heap.ts', 'broker/limits.ts', 'broker/budget.ts', 'broker/version.ts']
const cli = ['broker/cli', 'broker/cli.ts', 'broker/options.ts']

/** The house: what each part may see. Imports go down only. The first part that a file is of is its part. */
const parts: readonly Part[] = [
  { name: 'wire', of: ['broker/wire'], may: [] },
  { name: 'ground', of: ground, may: ['wire'] },
  { name: 'store', of: ['broker/store'], may: ['wire', 'ground'] },
  { name: 'log', of: ['broker/log'], may: below.log },
  { name: 'modes', of: ['broker/modes'], may: below.modes },
  { name: 'api', of: ['broker/api'], may: below.api },
  { name: 'server', of: ['broker/server'], may: ['wire', 'ground', 'broker', 'api'] },
  { name: 'main', of: ['broker/main.ts'], may: [...below.api, 'api', 'server', 'client', 'bindings'] },
  { name: 'door', of: ['broker/index.ts'], may: [...below.api, 'api', 'main'] },
  { name: 'cli', of: cli, may: ['wire', 'ground', 'main', 'client'] },
  // What every operation is handed.
  { name: 'broker', of: ['broker'], may: below.broker },
  { name: 'client', of: ['client'], may: ['wire'] },
  { name: 'bindings', of: ['bindings'], may: ['wire', 'client'] },
  { name: 'bench', of: ['bench'], may: [...below.api, 'api', 'server', 'main', 'door', 'cli', 'client', 'bindings'] },
]

const partOf = (path: string) => parts.find(({ of }) => of.some((each) => path === each || path.startsWith(`${each}/`)))

test('imports go down only: wire < store < log < modes < api < server; main alone sees all', () => {
  const wrong = product.flatMap((source) => {
    const part = partOf(source.path)
    const allowed = [part?.name, ...(part?.may ?? [])]
    return importsOf(source)
      .files.filter((file) => !allowed.includes(partOf(file)?.name))
      .map((file) => `${source.path} (${part?.name}) imports ${file}`)
  })
  none(wrong, 'Move what both need down, or hand a callback in at construction. The table is in test/tidy.test.ts.')
})

test('a mode imports no other mode', () => {
  const families = ['stream', 'queue', 'topic', 'bus', 'schedule', 'socket']
  const familyOf = (path: string) =>
    path.startsWith('broker/modes/') ? families.find((name) => path.slice(13).startsWith(name)) : undefined
  const wrong = product.flatMap((source) => {
    const family = familyOf(source.path)
    if (family === undefined) return []
    const others = importsOf(source).files.filter((file) => (familyOf(file) ?? family) !== family)
    return others.map((file) => `${source.path} imports ${file}`)
  })
  none(wrong, 'Modes meet in the log below them, or in the API above them.')
})

test('the wire and the client run in a browser: they import nothing of Node', () => {
  const ofNode = (path: string) => /\.node\.ts$/.test(path) || /^client\/transports\/.*(http2|node|socket)/.test(path)
  const wrong = product
    .filter(({ path }) => /^(broker\/wire|client)\//.test(path) && !ofNode(path))
    .flatMap((source) => importsOf(source).packages.map((name) => ({ path: source.path, name })))
    .filter(({ name }) => name.startsWith('node:') || ['undici', 'ws', 'lmdb'].includes(name))
  none(
    wrong.map(({ path, name }) => `${path} imports ${name}`),
    'Only *.node.ts in broker/wire and the transports in client/transports that say so in their names may.',
  )
})

/**
 * What is started from outside: all that package.json names, as an export, a command, a script or an alias; the command stands there as
 * the file that it is bundled into.
 */
const entries = [...readFileSync(join(root, 'package.json'), 'utf8').matchAll(/\bdist\/([\w./-]+)\.js\b/g)].map(
  ([, name]) => (name === 'broker/millrace' ? 'broker/cli.ts' : `${name}.ts`),
)

/** The files that are reached from `from` through imports. */
function reached(from: readonly string[], sources: readonly Source[]): Set<string> {
  const imports = new Map(sources.map((source) => [source.path, importsOf(source).files]))
  const found = new Set(from.filter((path) => imports.has(path)))
  for (const path of found) for (const file of imports.get(path) ?? []) if (imports.has(file)) found.add(file)
  return found
}

test('no file is dead: each is an entry point or imported on the way from one, and not by tests alone', () => {
  const alive = reached(entries, product)
  const dead = product.filter(({ path }) => !alive.has(path)).map(({ path }) => path)
  const testEntries = tests.filter(({ path }) => path.endsWith('.test.ts') || path === 'test/run.ts')
  const used = reached(
    testEntries.map(({ path }) => path),
    tests,
  )
  dead.push(...tests.filter(({ path }) => !used.has(path)).map(({ path }) => path))
  none(dead, 'Remove it, or import it where it is needed.')
})

test('only the public doors are called index.ts, and package.json points at them', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
  }
  const targets = JSON.stringify(exports).match(/dist\/[\w/]+\.js/g) ?? []
  const doors = targets.map((target) => target.replace(/^dist\//, '').replace(/\.js$/, '.ts'))
  const wrong = [
    ...doors.filter((door) => !paths.has(door)).map((door) => `package.json exports ${door}, which is not there`),
    ...[...paths].filter(
      (path) => /(^|\/)index\.ts$/.test(path) && !doors.includes(path) && path !== 'bindings/index.ts',
    ),
  ]
  none(wrong, 'A file is imported by its own name; an index.ts inside would hide who uses what.')
})

test('files and directories say what is in them', () => {
  const vague = /^(utils?|helpers?|types?|common|misc|shared|lib)$/
  const wrong = [...paths].filter((path) =>
    path.split('/').some((name) => vague.test(name.replace(/(\.test)?\.ts$/, ''))),
  )
  none(wrong, 'Name it for the one thing it does; what does several is several files.')
  const unlike = [...paths].filter((path) => !/^[a-z0-9]+([-./][a-z0-9]+)*\.ts$/.test(path))
  none(unlike, 'File names are kebab-case.')
})

const fileLinesMax = (path: string) => (path.startsWith('test/') ? 500 : 400)
const functionLinesMax = (path: string) => (path.startsWith('test/') ? 100 : 70)

test('files are short: about 300 lines, 400 at most, tests 500', () => {
  const sizes = [...product, ...tests].map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  const long = sizes.filter(({ path, lines }) => lines > 300 && lines <= fileLinesMax(path))
  if (long.length > 0) console.log(`over 300 lines: ${long.map(({ path, lines }) => `${path} ${lines}`).join(', ')}`)
  const wrong = sizes.filter(({ path, lines }) => lines > fileLinesMax(path))
  none(
    wrong.map(({ path, lines }) => `${path} has ${lines} lines`),
    'Split it where it changes its subject.',
  )
})

test('functions are short: 70 lines at most, those of tests 100', () => {
  const wrong = [...product, ...tests].flatMap(({ path, text }) => {
    const lines = text.split('\n')
    // A function that lists tests is as long as the list.
    const lists = ({ line, lines: count }: { line: number; lines: number }) =>
      lines.slice(line, line + count).some((each) => /^ +test\(/.test(each))
    return functionsOf(text)
      .filter((each) => each.lines > functionLinesMax(path) && !lists(each))
      .map(({ name, line, lines: count }) => `${path}:${line}: ${name} has ${count} lines`)
  })
  none(wrong, 'Give a part of it a name.')
})

test('the broker reads no clock, sets no timer and rolls no dice but its own', () => {
  const banned: [RegExp, string][] = [
    [/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/, 'Ask the Clock that was handed in: clock.now().'],
    [/(?<![.\w])set(Timeout|Interval)\(/, 'Use clock.after() of the Clock that was handed in (broker/clock.ts).'],
    [/\bMath\.random\(/, 'Use node:crypto, or a source of chance that is handed in.'],
  ]
  const broker = product.filter(({ path }) => path.startsWith('broker/') && path !== 'broker/clock.ts')
  for (const [pattern, instead] of banned)
    none(
      broker.flatMap((source) => linesOf(source, pattern)),
      instead,
    )
})

test('no error is swallowed without a word', () => {
  const all = [...product, ...tests]
  const empty = all.flatMap((source) => {
    const found = [...codeOf(source.text).matchAll(/\bcatch\s*(\([^)]*\)\s*)?\{\s*\}/g)]
    const wordless = found.find((each) => !source.text.slice(each.index, each.index + each[0].length).includes('//'))
    return wordless === undefined ? [] : [`${source.path}:${source.text.slice(0, wordless.index).split('\n').length}`]
  })
  none(empty, 'Handle it, let it pass, or say in a comment why there is nothing to do.')
  const silent = product.flatMap((source) => {
    const lines = source.text.split('\n')
    return linesOf(source, /\.catch\(\(\) => (undefined|\{\})\)/).filter((found) => {
      const line = Number(/:(\d+): /.exec(found)?.[1]) - 1
      return !lines.slice(Math.max(0, line - 4), line + 1).some((each) => /\/\/|^\s*(\/\*)?\*/.test(each))
    })
  })
  none(silent, 'Say in a comment above why this failure needs nobody.')
})

test('nothing is left to do, and nothing is any', () => {
  const unfinished = new RegExp(
    `\\b(${['TO', 'FIX', 'X'].map((word, i) => word + ['DO', 'ME', 'XX'][i]).join('|')})\\b`,
  )
  const all = [...product, ...tests]
  none(
    all.flatMap(({ path, text }) => (unfinished.test(text) ? [path] : [])),
    'Do it, or leave it out and say so in the docs.',
  )
  none(
    all.flatMap((source) => linesOf(source, /(:\s*|<|\bas |\| )any\b(?!\()/)),
    'Say what it is, or `unknown` and check it.',
  )
})

/** Tests of more than one file, and what each is for. */
const ofSeveral: Readonly<Record<string, string>> = {
  'test/tidy.test.ts': 'the tree',
  'test/aws/': 'the clients that AWS has',
  'test/browser/': 'the client in a browser',
  'test/docs/': 'what the pages in docs say',
  'test/package.test.ts': 'what the package ships',
  'test/conformance/': 'suites that several of a kind must pass',
  'test/faults/': 'crashes, full disks and hostile input',
  'test/api/native/': 'a resource of docs/wire.md through all its operations',
  'test/client/http2.test.ts': 'the client over HTTP/2',
  'test/client/local.test.ts': 'the client in process',
  'test/client/reconnect.test.ts': 'the client on connections that break',
  'test/client/websocket.test.ts': 'the client over a WebSocket',
  'test/bindings/runtime/runtimes.test.ts': 'runtimes that functions bring themselves',
  'test/server/faulty-operations.test.ts': 'operations that throw what they should not',
  'test/server/tls.test.ts': 'the port over TLS',
  'test/server/wire-page.test.ts': 'what docs/wire.md shows',
}

test('a test is found by the name of what it tests', () => {
  const wrong = tests
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.test.ts') && !Object.keys(ofSeveral).some((each) => path.startsWith(each)))
    .filter((path) => !mirrors(path.replace(/^test\//, '').replace(/\.test\.ts$/, '')))
  none(
    wrong,
    'test/log/tail.test.ts tests broker/log/tail.ts; an aspect of it may follow, as in tail-bounds.test.ts. What tests several files is listed in test/tidy.test.ts.',
  )
})

/** Whether there is a source file or directory of this name, or of a beginning of it that an aspect follows. */
function mirrors(name: string): boolean {
  const slash = name.lastIndexOf('/') + 1
  const words = name.slice(slash).split('-')
  return words.some((_, i) => {
    const stem = name.slice(0, slash) + words.slice(0, words.length - i).join('-')
    return ['broker/', ''].some(
      (base) => paths.has(`${base}${stem}.ts`) || [...paths].some((path) => path.startsWith(`${base}${stem}/`)),
    )
  })
}

test.run()
