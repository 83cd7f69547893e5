import type { CallOperation } from '../operation.ts'
import { describeGroup } from './schedule-group.ts'

/** All groups of schedules, by name. */
export const listScheduleGroups: CallOperation = {
  method: 'GET',
  path: '/v1/schedule-groups',
  run({ schedules }) {
    return { body: { groups: schedules.groups.list().map(describeGroup) } }
  },
}
