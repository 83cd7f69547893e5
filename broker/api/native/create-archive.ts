import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeArchive } from './archive-fields.ts'
import { nativeOwner, patternIn } from './bus-fields.ts'

const retentionDaysMax = 36_500

/**
 * Begins to archive the events of a bus, from now on: `{bus, pattern?, retentionDays?, description?}`; 0 days, the default, are for ever.
 * @throws archive_exists, bus_not_found, pattern_invalid
 */
export const createArchive: CallOperation = {
  method: 'PUT',
  path: '/v1/archives/{archive}',
  async run(broker, request) {
    const name = nameIn(request.params, 'archive')
    const fields = new Fields(request.body)
    const bus = broker.buses.get(fields.required('bus', fields.name('bus')))
    const pattern = patternIn(fields, broker.limits.patternBytesMax)
    const description = fields.string('description')
    const retentionDays = fields.integer('retentionDays', { min: 0, max: retentionDaysMax }) ?? 0
    fields.done()
    const settings = {
      retentionDays,
      ...(pattern === undefined ? {} : { pattern }),
      ...(description === undefined ? {} : { description }),
    }
    const record = await broker.archives.create(name, bus, settings, nativeOwner)
    return { status: 201, body: await describeArchive(broker, record) }
  },
}
