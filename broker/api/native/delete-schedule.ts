import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { groupIn } from './schedule-group.ts'

/** Deletes a schedule; what it gave to its target already is still delivered. */
export const deleteSchedule: CallOperation = {
  method: 'DELETE',
  path: '/v1/schedules/{schedule}',
  async run({ schedules }, request) {
    await schedules.delete({ group: groupIn(request), name: nameIn(request.params, 'schedule') })
    return { status: 204 }
  },
}
