import { archiveArn } from '../../modes/bus-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { eventSourceArn, name, page, replayState } from './members.ts'
import { pageOf } from './names.ts'
import { replayAnswer } from './replay-answer.ts'

/** Replays in the order of their names, a page at a time. */
export const listReplays = awsOperation({
  name: 'ListReplays',
  input: { NamePrefix: name, State: replayState, EventSourceArn: eventSourceArn, ...page },
  run({ replays }, input) {
    const { NamePrefix = '', State, EventSourceArn: source } = input
    const wanted = replays.records
      .list()
      .filter((each) => each.name.startsWith(NamePrefix))
      .filter((each) => (State ?? each.state) === each.state)
      .filter((each) => source === undefined || archiveArn({ ...each, name: each.archive }) === source)
    const { page: some, next } = pageOf(wanted, (each) => each.name, input)
    return { Replays: some.map(replayAnswer), NextToken: next }
  },
})
