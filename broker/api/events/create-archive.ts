import { awsOperation } from '../aws/operation.ts'
import { archiveMade } from './archive-answer.ts'
import { archiveName, description, eventSourceArn, kmsKey, pattern } from './members.ts'
import { busOf, ownerOf } from './names.ts'

/** Begins to archive the events of a bus, from now on. */
export const createArchive = awsOperation({
  name: 'CreateArchive',
  input: {
    ArchiveName: { ...archiveName, required: true },
    EventSourceArn: { ...eventSourceArn, required: true },
    Description: description,
    EventPattern: pattern,
    RetentionDays: { type: 'integer', min: 0 },
    KmsKeyIdentifier: kmsKey,
  },
  async run(broker, input, context) {
    const { ArchiveName, Description, EventPattern, RetentionDays = 0 } = input
    const settings = {
      retentionDays: RetentionDays,
      ...(Description === undefined ? {} : { description: Description }),
      ...(EventPattern ? { pattern: EventPattern } : {}),
    }
    const bus = busOf(broker, input.EventSourceArn)
    return archiveMade(await broker.archives.create(ArchiveName, bus, settings, ownerOf(context)))
  },
})
