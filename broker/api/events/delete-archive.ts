import { awsOperation } from '../aws/operation.ts'
import { archiveName } from './members.ts'

/** Deletes an archive. */
export const deleteArchive = awsOperation({
  name: 'DeleteArchive',
  input: { ArchiveName: { ...archiveName, required: true } },
  async run({ archives }, input) {
    await archives.delete(input.ArchiveName)
    return {}
  },
})
