import type { Store } from '../../broker/store/store.ts'
import type { Suite } from '../suite.ts'
import { commitContracts } from './store-commits.ts'
import { lifeContracts } from './store-life.ts'
import type { Contracts, StorePlace } from './store-place.ts'
import { segmentContracts } from './store-segments.ts'
import { tableContracts } from './store-table.ts'

const contracts: Contracts = { ...commitContracts, ...segmentContracts, ...tableContracts, ...lifeContracts }

export interface EngineUnderTest {
  make(): Promise<StorePlace>
  /** Contracts that are not checked for this engine, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/** Checks what broker/store/store.ts promises of every engine: call it with the engine and a suite. */
export function storeConformance(suite: Suite, engine: EngineUnderTest): void {
  const { skip = {} } = engine
  for (const name of Object.keys(skip)) if (!(name in contracts)) throw new Error(`there is no contract "${name}"`)
  for (const [name, body] of Object.entries(contracts)) {
    const reason = skip[name]
    if (reason !== undefined) suite.skip(name, reason)
    else suite(name, () => inPlace(engine, body))
  }
}

async function inPlace(engine: EngineUnderTest, body: (place: StorePlace) => Promise<void>): Promise<void> {
  const place = await engine.make()
  const opened: Store[] = []
  const track = async () => {
    const store = await place.open()
    opened.push(store)
    return store
  }
  try {
    await body({ ...place, open: track })
  } finally {
    for (const store of opened) await store.close()
    await place.remove()
  }
}
