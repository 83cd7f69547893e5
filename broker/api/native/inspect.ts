import type { CallOperation } from '../operation.ts'
import { figuresOf } from './figures.ts'

/**
 * What lies where: the log's segments and bytes, the process's memory, for each stream its shards, consumers, lags and group members, for each queue its
 * messages, for each function what it did since the start, and for each binding its lag. Resident memory counts the pages of the log that are mapped,
 * which the system takes back when it needs them.
 */
export const inspect: CallOperation = {
  method: 'GET',
  path: '/v1/inspect',
  async run(broker) {
    return { body: await figuresOf(broker) }
  },
}
