import type { CallOperation } from '../operation.ts'
import { describeArchive } from './archive-fields.ts'

/** All archives, by name, and how much they hold. */
export const listArchives: CallOperation = {
  method: 'GET',
  path: '/v1/archives',
  async run(broker) {
    const records = broker.archives.records.list()
    return { body: { archives: await Promise.all(records.map((record) => describeArchive(broker, record))) } }
  },
}
