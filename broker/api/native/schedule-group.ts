import type { ScheduleGroupRecord } from '../../modes/schedule-record.ts'
import { Fields } from '../fields.ts'
import type { ApiRequest } from '../operation.ts'

/** The group that a request's query names; `default` when it names none, and nothing else may be there. */
export function groupIn(request: ApiRequest): string {
  const fields = new Fields(request.query)
  const group = fields.name('group') ?? 'default'
  fields.done()
  return group
}

export function describeGroup({ name, tags, createdAt, modifiedAt }: ScheduleGroupRecord): object {
  return { name, tags, createdAt, modifiedAt }
}
