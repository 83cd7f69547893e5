import type { Faults } from '../../modes/stream-faults.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Makes calls of AWS's clients about a stream go wrong, for tests of how they take it: `{operations?: [name], throttleShare?: 0 to 1,
 * latencyMillis?, failNext?}`. Kept in memory: a restart is without faults.
 */
export const setFaults: CallOperation = {
  method: 'PUT',
  path: '/v1/streams/{stream}/faults',
  run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const faults = faultsIn(new Fields(request.body), broker.limits.faultLatencyMillisMax)
    stream.faults.set(faults)
    return { body: faults }
  },
}

function faultsIn(fields: Fields, latencyMillisMax: number): Faults {
  const operations = fields.array('operations')
  if (operations !== undefined && !operations.every((name) => typeof name === 'string')) {
    throw fields.invalid('operations', 'must be an array of names, such as PutRecords')
  }
  const share = fields.raw('throttleShare') ?? 0
  if (typeof share !== 'number' || !(share >= 0 && share <= 1)) {
    throw fields.invalid('throttleShare', 'must be a number from 0 to 1')
  }
  const latencyMillis = fields.integer('latencyMillis', { min: 0, max: latencyMillisMax }) ?? 0
  const failNext = fields.integer('failNext', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0
  fields.done()
  return { operations: operations as string[] | undefined, throttleShare: share, latencyMillis, failNext }
}
