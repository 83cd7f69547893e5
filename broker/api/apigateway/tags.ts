import type { SocketApi, SocketApis } from '../../modes/socket-apis.ts'
import type { Member } from '../../wire/aws-shape.ts'
import { apiOf, changeApi } from './api-description.ts'
import { notFound } from './errors.ts'

export const tagsPath = '/v2/tags/{resourceArn}'
export const resourceArn = { type: 'string', required: true } as const satisfies Member

/** `arn:aws:apigateway:us-east-1::/apis/ID`. @throws NotFoundException */
function apiIdIn(arn: string): string {
  const id = /^arn:[^:]*:apigateway:[^:]*:[^:]*:\/apis\/([a-z0-9]+)$/.exec(arn)?.[1]
  if (id === undefined) throw notFound('resource')
  return id
}

export function tagsOf(apis: SocketApis, arn: string): SocketApi['tags'] {
  return apiOf(apis, apiIdIn(arn)).tags
}

export async function changeTags(
  apis: SocketApis,
  arn: string,
  change: (tags: SocketApi['tags']) => SocketApi['tags'],
): Promise<void> {
  await changeApi(apis, apiIdIn(arn), (api) => ({ ...api, tags: change(api.tags) }))
}
