import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import { root } from '../sources.ts'
import { runCrashLoad } from './crash-load.ts'
import { parseTrace, type TraceEvent } from './crash-trace.ts'
import { HastyStore } from './hasty-store.ts'
import { PageRecorder, RecordedStore } from './page-recorder.ts'

/** The file, beside those of the store, that a load notes its journal in. */
export const journalName = 'journal'

export interface RecordingOptions {
  /** An empty directory. */
  readonly directory: string
  readonly rounds: number
  readonly seed: number
  /** Whether the engine acknowledges too soon, as the negative control does. */
  readonly eager: boolean
}

/** A way to find out what a load writes, in which order, and when it is flushed. */
export interface Recorder {
  readonly name: string
  /** Why it cannot be used here. */
  readonly missing?: string
  record(options: RecordingOptions): Promise<TraceEvent[]>
}

/** Runs the load in a process of its own that a small preloaded library watches: it sees every write and flush for itself. */
const preloaded: Recorder = {
  name: 'every system call',
  ...missing(),
  async record({ directory, rounds, seed, eager }) {
    const library = join(directory, 'record-writes.so')
    run('cc', '-shared', '-fPIC', '-O1', '-o', library, source, '-ldl', '-lpthread')
    const data = join(directory, 'data')
    const trace = join(directory, 'trace')
    mkdirSync(data)
    const program = fileURLToPath(new URL('./run-crash-load.js', import.meta.url))
    const env = {
      ...process.env,
      LD_PRELOAD: library,
      MILLRACE_RECORD_DIR: data,
      MILLRACE_RECORD_FILE: trace,
      MILLRACE_RECORD_FLUSH_MICROS: '1000',
    }
    run(process.execPath, program, data, String(rounds), String(seed), String(eager), env)
    return parseTrace(readFileSync(trace), data)
  },
}

/** Runs the load here and compares files: it needs nothing but Node. */
const compared: Recorder = {
  name: 'comparing files',
  async record({ directory, rounds, seed, eager }) {
    const recorder = new PageRecorder(directory)
    await runCrashLoad({
      rounds,
      seed,
      open: async () => {
        const store = new RecordedStore(await LmdbStore.open(directory), recorder)
        return eager ? new HastyStore(store, 0) : store
      },
      note: (line) => recorder.note(journalName, JSON.stringify(line)),
    })
    return recorder.events
  },
}

export const recorders: readonly Recorder[] = [preloaded, compared]

const source = join(root, 'test', 'faults', 'record-writes.c')

function missing(): { missing?: string } {
  if (process.platform !== 'linux') return { missing: 'only Linux preloads libraries this way' }
  if (spawnSync('cc', ['--version']).status !== 0) return { missing: 'there is no C compiler (cc)' }
  return {}
}

function run(command: string, ...args: (string | NodeJS.ProcessEnv)[]): void {
  const env = args.find((arg) => typeof arg === 'object')
  const words = args.filter((arg) => typeof arg === 'string')
  const { status, stderr, error } = spawnSync(command, words, {
    encoding: 'utf8',
    ...(env === undefined ? {} : { env }),
  })
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${error?.message ?? stderr}`)
}
