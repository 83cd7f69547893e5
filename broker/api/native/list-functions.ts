import type { CallOperation } from '../operation.ts'
import { describeFunction } from './function-settings.ts'

/** All functions, by name. */
export const listFunctions: CallOperation = {
  method: 'GET',
  path: '/v1/functions',
  run: (broker) => ({ body: { functions: broker.functions.records.list().map(describeFunction) } }),
}
