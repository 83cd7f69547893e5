import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * All bindings: `{version, bindings}`. With the `version` of an earlier answer it waits up to `waitMillis` until something is not as it was
 * then: that is how a runner hears of changes.
 */
export const listBindings: CallOperation = {
  method: 'GET',
  path: '/v1/bindings',
  async run({ bindings, limits, wall, drained }, request) {
    const fields = new Fields(request.query)
    const version = fields.integer('version', { min: 0, max: Number.MAX_SAFE_INTEGER })
    const waitMillis = fields.integer('waitMillis', { min: 0, max: limits.waitMillisMax }) ?? 0
    fields.done()
    if (version !== undefined && waitMillis > 0) {
      const late = new AbortController()
      const timer = wall.after(waitMillis, () => late.abort())
      await bindings.changedSince(version, AbortSignal.any([request.signal, drained, late.signal]))
      timer.cancel()
    }
    return {
      body: { version: bindings.version, bindings: bindings.records.list().map((each) => bindings.describe(each)) },
    }
  },
}
