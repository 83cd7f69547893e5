import type { CallOperation } from '../operation.ts'
import { functionNameIn } from './put-function.ts'

/** Deletes a function with all its versions. */
export const deleteFunction: CallOperation = {
  method: 'DELETE',
  path: '/v1/functions/{function}',
  async run(broker, request) {
    await broker.functions.delete(functionNameIn(request.params))
    return { status: 204 }
  },
}
