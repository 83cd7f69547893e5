import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** Deletes a group and all its schedules. */
export const deleteScheduleGroup: CallOperation = {
  method: 'DELETE',
  path: '/v1/schedule-groups/{group}',
  async run({ schedules }, request) {
    await schedules.deleteGroup(nameIn(request.params, 'group'))
    return { status: 204 }
  },
}
