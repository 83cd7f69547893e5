import type { Member } from '../../wire/aws-shape.ts'

/** Members that several operations have. */

export const text = { type: 'string' } as const satisfies Member
export const required = { type: 'string', required: true } as const satisfies Member
export const texts = { type: 'list', of: { type: 'string' } } as const satisfies Member
export const attributeMap = { type: 'map', of: { type: 'string' } } as const satisfies Member

export const tagList = {
  type: 'list',
  of: {
    type: 'structure',
    members: {
      Key: { type: 'string', required: true, min: 1, max: 128 },
      Value: { type: 'string', required: true, min: 0, max: 256 },
    },
  },
} as const satisfies Member

type Tags = readonly { readonly Key: string; readonly Value: string }[]

export function tagsIn(tags: Tags): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]))
}

export function tagsOut(tags: Readonly<Record<string, string>>): Tags {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
