import type { Member } from '../../wire/aws-shape.ts'

export const apiId = { type: 'string', required: true } as const satisfies Member
export const name = { type: 'string', min: 1, max: 128 } as const satisfies Member
export const description = { type: 'string', max: 1024 } as const satisfies Member
export const expression = { type: 'string', max: 256 } as const satisfies Member
export const tags = { type: 'map', of: { type: 'string', max: 256 }, max: 50 } as const satisfies Member
/** Everything fits on one page. */
export const page = {
  maxResults: { type: 'string', at: 'query' },
  nextToken: { type: 'string', at: 'query' },
} as const
