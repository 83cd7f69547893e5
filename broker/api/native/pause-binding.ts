import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Stops a binding, or lets it go on: `{paused}`. Its positions stay. */
export const pauseBinding: CallOperation = {
  method: 'PATCH',
  path: '/v1/bindings/{binding}',
  async run({ bindings }, request) {
    const name = nameIn(request.params, 'binding')
    const fields = new Fields(request.body)
    const paused = fields.required('paused', fields.boolean('paused'))
    fields.done()
    return { body: bindings.describe(await bindings.change(name, (record) => ({ ...record, paused }))) }
  },
}
