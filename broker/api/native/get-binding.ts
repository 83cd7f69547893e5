import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** @throws binding_not_found */
export const getBinding: CallOperation = {
  method: 'GET',
  path: '/v1/bindings/{binding}',
  run: ({ bindings }, request) => ({ body: bindings.describe(bindings.get(nameIn(request.params, 'binding'))) }),
}
