import { awsOperation } from '../aws/operation.ts'
import { describeGroup } from './groups.ts'
import { maxResults, namePrefix, nextToken } from './members.ts'
import { pageOf } from './pages.ts'

/** Groups by name. */
export const listScheduleGroups = awsOperation({
  name: 'ListScheduleGroups',
  http: { method: 'GET', path: '/schedule-groups' },
  input: { NamePrefix: namePrefix, MaxResults: maxResults, NextToken: nextToken },
  run({ schedules: { groups } }, input) {
    const names = groups.list().map(({ name }) => name)
    const meant = names.filter((name) => name.startsWith(input.NamePrefix ?? ''))
    const { page, next } = pageOf(meant, input)
    return { ScheduleGroups: page.map((name) => describeGroup(groups.get(name))), NextToken: next }
  },
})
