// The process that crash-recording.ts watches: node run-crash-load.js DIRECTORY ROUNDS SEED EAGER
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import { runCrashLoad } from './crash-load.ts'
import { HastyStore } from './hasty-store.ts'

const [directory = '', rounds, seed, eager] = process.argv.slice(2)
const journal = openSync(join(directory, 'journal'), 'w')
await runCrashLoad({
  rounds: Number(rounds),
  seed: Number(seed),
  open: async () => {
    const store = await LmdbStore.open(directory)
    return eager === 'true' ? new HastyStore(store, 0) : store
  },
  note: (line) => writeSync(journal, `${JSON.stringify(line)}\n`),
})
closeSync(journal)
