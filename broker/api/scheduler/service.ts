import type { AwsService } from '../aws/operation.ts'
import { createSchedule } from './create-schedule.ts'
import { createScheduleGroup } from './create-schedule-group.ts'
import { deleteSchedule } from './delete-schedule.ts'
import { deleteScheduleGroup } from './delete-schedule-group.ts'
import { translateScheduler } from './errors.ts'
import { getSchedule } from './get-schedule.ts'
import { getScheduleGroup } from './get-schedule-group.ts'
import { listScheduleGroups } from './list-schedule-groups.ts'
import { listSchedules } from './list-schedules.ts'
import { listTagsForResource } from './list-tags-for-resource.ts'
import { tagResource } from './tag-resource.ts'
import { untagResource } from './untag-resource.ts'
import { updateSchedule } from './update-schedule.ts'

/** EventBridge Scheduler, version 2021-06-30. */
export const scheduler: AwsService = {
  name: 'scheduler',
  targets: [],
  rest: true,
  operations: [
    createSchedule,
    getSchedule,
    updateSchedule,
    deleteSchedule,
    listSchedules,
    createScheduleGroup,
    getScheduleGroup,
    deleteScheduleGroup,
    listScheduleGroups,
    tagResource,
    untagResource,
    listTagsForResource,
  ],
  absent: [],
  translate: (error) => translateScheduler(error),
}
