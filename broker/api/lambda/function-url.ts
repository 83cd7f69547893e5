import type { FunctionCors, FunctionRecord, FunctionUrl } from '../../modes/function-record.ts'
import { latestVersion } from '../../modes/function-record.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import type { AwsContext } from '../aws/operation.ts'
import { notFound } from './errors.ts'
import { functionArn } from './names.ts'

/** An address is of `$LATEST`, when nothing is said, or of an alias. */
export const urlQualifier = {
  type: 'string',
  at: 'query',
  min: 1,
  max: 128,
  pattern: '(^\\$LATEST$)|((?!^\\d+$)^[0-9a-zA-Z-_]+$)',
} as const

const texts = (max: number, length: number) =>
  ({ type: 'list', min: 0, max, of: { type: 'string', max: length } }) as const

/** What can be chosen about a function's address. */
export const urlMembers = {
  AuthType: { type: 'string', enum: ['NONE', 'AWS_IAM'] },
  InvokeMode: { type: 'string', enum: ['BUFFERED', 'RESPONSE_STREAM'] },
  Cors: {
    type: 'structure',
    members: {
      AllowCredentials: { type: 'boolean' },
      AllowHeaders: texts(100, 1_024),
      AllowMethods: texts(6, 6),
      AllowOrigins: texts(100, 253),
      ExposeHeaders: texts(100, 1_024),
      MaxAge: { type: 'integer', min: 0, max: 86_400 },
    },
  },
} as const

/** Settings over those that were there. */
export function withUrlSettings(base: FunctionUrl, input: InputOf<typeof urlMembers>, now: number): FunctionUrl {
  const cors: FunctionCors | undefined = input.Cors ?? base.cors
  const { cors: _, ...rest } = base
  return {
    ...rest,
    authType: (input.AuthType as FunctionUrl['authType'] | undefined) ?? base.authType,
    invokeMode: (input.InvokeMode as FunctionUrl['invokeMode'] | undefined) ?? base.invokeMode,
    ...(cors === undefined ? {} : { cors }),
    modifiedAt: now,
  }
}

/** How AWS describes an address. */
export function describeUrl(
  { name }: FunctionRecord,
  qualifier: string,
  url: FunctionUrl,
  context: AwsContext,
): object {
  return {
    FunctionUrl: addressOf(url.id, context),
    FunctionArn: functionArn(name, context, qualifier === latestVersion ? undefined : qualifier),
    AuthType: url.authType,
    ...(url.cors === undefined ? {} : { Cors: url.cors }),
    CreationTime: new Date(url.createdAt).toISOString(),
    LastModifiedTime: new Date(url.modifiedAt).toISOString(),
    InvokeMode: url.invokeMode,
  }
}

/** @throws AwsError ResourceNotFoundException */
export function urlOf(record: FunctionRecord, { qualifier = latestVersion }: FunctionTarget): FunctionUrl {
  const url = Object.hasOwn(record.urls, qualifier) ? record.urls[qualifier] : undefined
  if (url === undefined) throw notFound('The resource you requested does not exist.')
  return url
}

/** Where the caller reaches it: a name of its own, as with AWS, where there are names, and a path where the caller came by an IP address. */
function addressOf(id: string, { origin, region }: AwsContext): string {
  const { protocol, hostname, host } = new URL(origin)
  if (/^[\d.]+$/.test(hostname) || hostname.startsWith('[')) return `${origin}/lambda-url/${id}/`
  return `${protocol}//${id}.lambda-url.${region}.${host}/`
}
