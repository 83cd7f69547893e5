import { archiveArn } from '../../modes/bus-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { archiveAnswer } from './archive-answer.ts'
import { archiveName } from './members.ts'

/** What is known of an archive. Its size is counted when it is asked for. */
export const describeArchive = awsOperation({
  name: 'DescribeArchive',
  input: { ArchiveName: { ...archiveName, required: true } },
  async run(broker, input) {
    const record = broker.archives.get(input.ArchiveName)
    const { description: Description, pattern: EventPattern } = record
    return { ArchiveArn: archiveArn(record), ...(await archiveAnswer(broker, record)), Description, EventPattern }
  },
})
