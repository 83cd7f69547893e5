import { awsOperation } from '../aws/operation.ts'
import { archiveAnswer } from './archive-answer.ts'
import { archiveName, eventSourceArn, page } from './members.ts'
import { busNameOf, pageOf } from './names.ts'

/** Archives in the order of their names, a page at a time. */
export const listArchives = awsOperation({
  name: 'ListArchives',
  input: {
    NamePrefix: archiveName,
    EventSourceArn: eventSourceArn,
    State: {
      type: 'string',
      enum: ['ENABLED', 'DISABLED', 'CREATING', 'UPDATING', 'CREATE_FAILED', 'UPDATE_FAILED'],
    },
    ...page,
  },
  async run(broker, input) {
    const { NamePrefix = '', EventSourceArn, State = 'ENABLED' } = input
    const bus = EventSourceArn === undefined ? undefined : busNameOf(EventSourceArn)
    const wanted = broker.archives.records
      .list()
      .filter((each) => each.name.startsWith(NamePrefix) && (bus ?? each.bus) === each.bus && State === 'ENABLED')
    const { page: some, next } = pageOf(wanted, ({ name }) => name, input)
    return { Archives: await Promise.all(some.map((each) => archiveAnswer(broker, each))), NextToken: next }
  },
})
