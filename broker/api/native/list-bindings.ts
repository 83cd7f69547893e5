import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * All bindings: `{version, bindings}`. With the `version` of an earlier answer it waits up to `waitMillis` until something is not as it was
 * then: that is how a runner hears of changes.
 */
export const listBindings: CallOperation = {
  method: 'GET',
  path: '/v1/bindings',
  async run(broker, request) {
    const { bindings, limits, wall } = broker
    const fields = new Fields(request.query)
    const version = fields.integer('version', { min: 0, max: Number.MAX_SAFE_INTEGER })
    const waitMillis = fields.integer('waitMillis', { min: 0, max: limits.waitMillisMax }) ?? 0
    fields.done()
    if (version !== undefined && waitMillis > 0) {
      await broker.waiting(request.signal, (signal) => bindings.changedSince(version, { signal, wall, waitMillis }))
    }
    return {
      body: { version: bindings.version, bindings: bindings.records.list().map((each) => bindings.describe(each)) },
    }
  },
}
