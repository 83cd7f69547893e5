import { awsOperation } from '../aws/operation.ts'
import { archiveMade } from './archive-answer.ts'
import { archiveName, description, kmsKey, pattern } from './members.ts'

/** Changes an archive; what is left out stays. */
export const updateArchive = awsOperation({
  name: 'UpdateArchive',
  input: {
    ArchiveName: { ...archiveName, required: true },
    Description: description,
    EventPattern: pattern,
    RetentionDays: { type: 'integer', min: 0 },
    KmsKeyIdentifier: kmsKey,
  },
  async run({ archives }, input) {
    const { ArchiveName, Description, EventPattern, RetentionDays } = input
    const record = await archives.change(ArchiveName, (current) => ({
      ...current,
      ...(RetentionDays === undefined ? {} : { retentionDays: RetentionDays }),
      ...(Description === undefined ? {} : { description: Description }),
      ...(EventPattern ? { pattern: EventPattern } : {}),
    }))
    return archiveMade(record)
  },
})
