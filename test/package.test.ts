import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { root } from './sources.ts'
import { suite } from './suite.ts'

const test = suite('package')
const folder = mkdtempSync(join(tmpdir(), 'millrace-package-'))
process.on('exit', () => rmSync(folder, { recursive: true }))

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

function npm(args: readonly string[], cwd: string) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Within npm test, npm's own variables speak of this checkout.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)/.test(name)))
  return spawnSync(command, [...args, '--no-audit', '--no-fund'], { cwd, env, encoding: 'utf8' })
}

/** What goes to users, as the checkout is compiled now. */
function pack(): Packed {
  const { status, stdout, stderr } = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)
  assert.is(status, 0, stderr)
  return (JSON.parse(stdout) as [Packed])[0]
}

const packed = pack()

test('it holds what is compiled of broker and client, the console, the documentation and the licence, and nothing else', () => {
  const paths = packed.files.map(({ path }) => path)
  for (const path of ['LICENSE', 'README.md', 'CHANGELOG.md', 'docs/stream.md', 'dist/broker/millrace.js']) {
    assert.ok(paths.includes(path), path)
  }
  const strange = paths.filter(
    (path) =>
      !/^(dist\/(broker|client|bindings)\/.*\.(js|d\.ts)|broker\/server\/console\/[\w.-]+|docs\/.*\.(md|svg|png|json)|package\.json|[A-Z]+(\.md)?)$/.test(
        path,
      ),
  )
  assert.equal(strange, [])
})

const program = `
import { createBroker, type EmbeddedBroker, MillraceError } from 'millrace'
import { type Client, connect } from 'millrace/client'

const broker: EmbeddedBroker = await createBroker({ port: 0, data: 'data' })
const client: Client = await connect(broker.url ?? '')
const stream = client.stream('s')
await stream.create({ shards: 2 })
await stream.put({ key: 'k', data: 'packed' })
for await (const batch of stream.subscribe()) {
  for (const record of batch) console.log(record.text())
  break
}
const error: unknown = await client.stream('none').describe().catch((reason: unknown) => reason)
console.log(error instanceof MillraceError ? error.code : 'no MillraceError')
await client.close()
await broker.close()
`

/** What npm says when nobody can be reached. */
const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/

test('installed into an empty folder it type-checks, runs, keeps data on disk, and brings the command', () => {
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"name": "stranger", "type": "module", "private": true}')
  const installed = npm(['install', '--prefer-offline', join(folder, packed.filename)], project)
  if (installed.status !== 0 && offline.test(installed.stderr)) {
    console.log(`skipped: npm reaches no registry here: ${installed.stderr}`)
    return
  }
  assert.is(installed.status, 0, installed.stderr)
  // Types of Node are the user's own.
  mkdirSync(join(project, 'node_modules', '@types'))
  symlinkSync(join(root, 'node_modules', '@types', 'node'), join(project, 'node_modules', '@types', 'node'))
  const options = { target: 'es2023', module: 'nodenext', strict: true, types: ['node'], rootDir: '.' }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }))
  writeFileSync(join(project, 'program.ts'), program)
  const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' })
  const checked = run(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project)
  assert.is(checked.status, 0, checked.stdout)
  const ran = run('program.js')
  assert.is(ran.stderr, '')
  assert.is(ran.stdout, 'packed\nstream_not_found\n')
  const command = spawnSync(join(project, 'node_modules', '.bin', 'millrace'), ['--version'], { encoding: 'utf8' })
  assert.match(command.stdout, /^\d+\.\d+\.\d+\n$/)
})

test.run()
