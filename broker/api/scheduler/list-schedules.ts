import { type ScheduleRecord, scheduleArn } from '../../modes/schedule-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { groupName, maxResults, namePrefix, nextToken, state } from './members.ts'
import { pageOf } from './pages.ts'
import { stateOf } from './schedule.ts'

/** Schedules by group and name; of one group, with a prefix, or in one state, where that is said. */
export const listSchedules = awsOperation({
  name: 'ListSchedules',
  http: { method: 'GET', path: '/schedules' },
  input: {
    GroupName: { ...groupName, at: 'query', as: 'ScheduleGroup' },
    NamePrefix: namePrefix,
    State: { ...state, at: 'query' },
    MaxResults: maxResults,
    NextToken: nextToken,
  },
  async run({ schedules }, input) {
    const { GroupName: group, NamePrefix: prefix = '', State } = input
    if (group !== undefined) schedules.groups.get(group)
    const ids = (await schedules.ids()).filter((id) => {
      const [of = '', name = ''] = id.split('/')
      const isMeant = (group === undefined || of === group) && name.startsWith(prefix)
      return isMeant && (State === undefined || schedules.isPaused(id) === (State === 'DISABLED'))
    })
    const { page, next } = pageOf(ids, input)
    return { Schedules: (await schedules.read(page)).map(summary), NextToken: next }
  },
})

function summary(record: ScheduleRecord): object {
  return {
    Arn: scheduleArn(record),
    GroupName: record.group,
    Name: record.name,
    State: stateOf(record),
    Target: { Arn: record.target.arn },
    CreationDate: new Date(record.createdAt),
    LastModificationDate: new Date(record.modifiedAt),
  }
}
