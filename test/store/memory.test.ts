import { MemoryStore } from '../../broker/store/memory.ts'
import { storeConformance } from '../conformance/store.ts'
import { suite } from '../suite.ts'

const test = suite('store in memory')
const noRestart = 'what is in memory is gone with the process, as supports.durable says'

storeConformance(test, {
  make: async () => ({ open: async () => new MemoryStore(), remove: async () => undefined }),
  skip: {
    'a failed append leaves nothing: the next one takes its number': 'memory has no disk that fills up',
    'a restart finds all that was acknowledged, at any point between appends, puts, seals and trims': noRestart,
  },
})

test.run()
