// Sets up a checkout: installs the packages and compiles, each only when its inputs changed since the last time.
// It is plain JavaScript because it runs before there is a compiler.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['broker', 'client', 'bindings', 'bench', 'test', 'tsconfig.json'].filter((name) =>
  existsSync(join(root, name)),
)

function run(what, command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (result.status === 0) return
  console.error(`millrace: ${what} failed (${command} ${args.join(' ')}); its output is above.`)
  process.exit(result.status ?? 1)
}

function stampOf(parts) {
  const hash = createHash('sha256').update(process.version)
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function upToDate(stampFile, stamp) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

/** Every source file's path, size and time: cheap to read, and it changes whenever a compile could. */
function* listing(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) yield `${path} ${stat.size} ${stat.mtimeMs}\n`
  else for (const name of readdirSync(path).sort()) yield* listing(join(path, name))
}

/** Compiled files whose source is gone: they would be packed, and found by whoever lists a folder. */
function* leftovers(folder = '') {
  for (const entry of readdirSync(join(root, 'dist', folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* leftovers(path)
    else if (
      /\.(js|d\.ts)(\.map)?$/.test(path) &&
      !existsSync(join(root, path.replace(/\.(js|d\.ts)(\.map)?$/, '.ts')))
    ) {
      yield path
    }
  }
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`millrace: Node ${process.versions.node} is too old; install Node 20.19 or newer.`)
  process.exit(1)
}

const modulesStamp = join(root, 'node_modules', '.millrace-stamp')
const modules = stampOf([readFileSync(join(root, 'package.json')), readFileSync(join(root, 'package-lock.json'))])
if (!upToDate(modulesStamp, modules)) {
  console.error('millrace: installing packages …')
  run('npm ci', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'])
  writeFileSync(modulesStamp, modules)
}

const buildStamp = join(root, 'dist', '.millrace-stamp')
const build = stampOf([modules, ...sources.flatMap((path) => [...listing(join(root, path))])])
if (!upToDate(buildStamp, build)) {
  console.error('millrace: compiling …')
  run('the compile', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root])
  for (const path of leftovers()) rmSync(join(root, 'dist', path))
  // Imported here only: before the install it is not there.
  const { buildSync } = await import('esbuild')
  // The command as few files: a start opens as many as there are, and hundreds take longer than all else (docs/decisions/0006).
  buildSync({
    entryPoints: { millrace: join(root, 'dist', 'broker', 'cli.js') },
    outdir: join(root, 'dist', 'broker'),
    chunkNames: 'millrace-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  // The client as one file, which the broker serves to pages.
  buildSync({
    entryPoints: [join(root, 'dist', 'client', 'browser.js')],
    outfile: join(root, 'dist', 'client', 'browser-bundle.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
  })
  writeFileSync(buildStamp, build)
}
