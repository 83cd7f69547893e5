import type { Member } from '../../wire/aws-shape.ts'

/** Members that several operations have. */

export const attributeMap = {
  type: 'map',
  of: { type: 'string' },
  flattened: 'Attribute',
  keyName: 'Name',
  valueName: 'Value',
} as const satisfies Member

export const tagMap = {
  type: 'map',
  of: { type: 'string', max: 256 },
  keyMin: 1,
  keyMax: 128,
  max: 50,
  flattened: 'Tag',
  keyName: 'Key',
  valueName: 'Value',
} as const satisfies Member

export const queueUrl = { type: 'string' } as const satisfies Member

export const attributeNameList = {
  type: 'list',
  of: { type: 'string' },
  flattened: 'AttributeName',
} as const satisfies Member
