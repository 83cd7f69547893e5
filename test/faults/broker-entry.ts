// A broker as the fault tests need it, in a process of its own: with other limits, and an engine that can be told to lie. Its one
// argument is its settings as JSON. It opens when it is told to, so that it can be loaded while the one before is still running.
import { limits } from '../../broker/limits.ts'
import { Main } from '../../broker/main.ts'
import { LmdbStore } from '../../broker/store/lmdb.ts'
import type { EntrySettings } from './broker-child.ts'
import { HastyStore } from './hasty-store.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as EntrySettings
const parts = { limits: settings.limits ?? {} }

async function open(): Promise<void> {
  const { data, hastyMillis } = settings
  const bounds = { ...limits, ...settings.limits }
  const options = { data, port: 0, clock: settings.clock ?? 'real', memory: settings.memory ?? false } as const
  if (hastyMillis === undefined) {
    announce(await Main.start(options, parts))
    return
  }
  const store = new HastyStore(await LmdbStore.open(data, { segmentBytes: bounds.segmentBytesMax }), hastyMillis)
  announce(await Main.start(options, { ...parts, store }))
}

function announce(main: Main): void {
  process.on('SIGTERM', () => main.close().then(() => process.exit(0)))
  process.on('message', (message) => {
    if (message === 'collect') globalThis.gc?.()
  })
  process.send?.({ url: main.url })
}

// What these tests provoke must end in an answer; anything that is left over ends the test.
for (const fault of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(fault, (error) => {
    console.error(`${fault}:`, error)
    process.exit(70)
  })
}
process.on('disconnect', () => process.exit(0))
process.once('message', open)
process.send?.({ loaded: true })
