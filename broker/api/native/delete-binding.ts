import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Deletes a binding and its positions; a batch under way is finished.
 * @throws binding_not_found, binding_owned
 */
export const deleteBinding: CallOperation = {
  method: 'DELETE',
  path: '/v1/bindings/{binding}',
  async run({ bindings }, request) {
    const { name } = bindings.getOwn(nameIn(request.params, 'binding'))
    await bindings.delete(name)
    return { status: 204 }
  },
}
