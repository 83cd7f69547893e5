import type { CallOperation } from '../operation.ts'
import { describeFunction } from './function-settings.ts'
import { functionNameIn } from './put-function.ts'

/** @throws function_not_found */
export const getFunction: CallOperation = {
  method: 'GET',
  path: '/v1/functions/{function}',
  run: (broker, request) => ({ body: describeFunction(broker.functions.get(functionNameIn(request.params))) }),
}
