import type { CallOperation } from '../operation.ts'
import { windowIn, windowPath } from './binding-window.ts'

/** How far a binding with tumbling windows is in a shard: `{next, window?}`; a runner goes on from there. */
export const getBindingWindow: CallOperation = {
  method: 'GET',
  path: windowPath,
  async run({ bindings }, request) {
    const { name, shard } = windowIn(request)
    bindings.get(name)
    return { body: await bindings.windows.get(name, shard) }
  },
}
