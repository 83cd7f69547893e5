import type { ScheduleGroupRecord } from '../../modes/schedule-record.ts'
import { invalid } from './errors.ts'

export function groupArn({ region, account, name }: Pick<ScheduleGroupRecord, 'region' | 'account' | 'name'>): string {
  return `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`
}

/** The group that an ARN names. */
export function groupOfArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

export function describeGroup(group: ScheduleGroupRecord): object {
  return {
    Arn: groupArn(group),
    Name: group.name,
    State: 'ACTIVE',
    CreationDate: new Date(group.createdAt),
    LastModificationDate: new Date(group.modifiedAt),
  }
}

/** @throws ValidationException when a key is there twice */
export function tagsIn(tags: readonly { readonly Key: string; readonly Value: string }[]): Record<string, string> {
  const keys = new Set(tags.map(({ Key }) => Key))
  if (keys.size < tags.length) throw invalid('Duplicate tag keys found.')
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]))
}
