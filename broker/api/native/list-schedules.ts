import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeSchedule } from './schedule-description.ts'

/** Schedules by group and name, of one `group` if that is said: `{schedules, next?}`; `next` is the `after` of the next page. */
export const listSchedules: CallOperation = {
  method: 'GET',
  path: '/v1/schedules',
  async run({ schedules }, request) {
    const fields = new Fields(request.query)
    const group = fields.name('group')
    const prefix = fields.string('prefix') ?? ''
    const after = fields.string('after') ?? ''
    const limit = fields.integer('limit', { min: 1, max: 1_000 }) ?? 100
    fields.done()
    if (group !== undefined) schedules.groups.get(group)
    const ids = (await schedules.ids()).filter((id) => {
      const [of, name = ''] = id.split('/')
      return id > after && (group === undefined || of === group) && name.startsWith(prefix)
    })
    const page = ids.slice(0, limit)
    const records = await schedules.read(page)
    const next = page.length < ids.length ? page.at(-1) : undefined
    return {
      body: {
        schedules: records.map((each) => describeSchedule(schedules, each)),
        ...(next === undefined ? {} : { next }),
      },
    }
  },
}
