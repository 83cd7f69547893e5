import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** What a runner says of a binding: `{lastResult, lastError?, at}`. */
export const reportBinding: CallOperation = {
  method: 'PUT',
  path: '/v1/bindings/{binding}/status',
  run({ bindings }, request) {
    const name = nameIn(request.params, 'binding')
    const fields = new Fields(request.body)
    const lastResult = fields.required('lastResult', fields.string('lastResult'))
    const lastError = fields.string('lastError')
    const at = fields.required('at', fields.integer('at', { min: 0, max: Number.MAX_SAFE_INTEGER }))
    fields.done()
    bindings.report(name, { lastResult, at, ...(lastError === undefined ? {} : { lastError }) })
    return { status: 204 }
  },
}
