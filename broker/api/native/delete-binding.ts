import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes a binding and its positions; a batch under way is finished. */
export const deleteBinding: CallOperation = {
  method: 'DELETE',
  path: '/v1/bindings/{binding}',
  async run({ bindings }, request) {
    await bindings.delete(nameIn(request.params, 'binding'))
    return { status: 204 }
  },
}
