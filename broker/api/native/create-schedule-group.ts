import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeGroup } from './schedule-group.ts'

/**
 * Makes a group of schedules, so that they can be deleted together.
 * @throws schedule_group_exists, limit_exceeded
 */
export const createScheduleGroup: CallOperation = {
  method: 'PUT',
  path: '/v1/schedule-groups/{group}',
  async run({ schedules }, request) {
    const name = nameIn(request.params, 'group')
    const fields = new Fields(request.body)
    const tags = fields.strings('tags') ?? {}
    fields.done()
    const caller = { region: 'us-east-1', account: '000000000000' }
    return { status: 201, body: describeGroup(await schedules.groups.create({ name, tags, ...caller })) }
  },
}
