import type { FunctionTarget } from '../../modes/functions.ts'

/** What the URI of an integration names. */
export type IntegrationTarget =
  | { readonly kind: 'function'; readonly function: FunctionTarget }
  | ServiceTarget
  | { readonly kind: 'http'; readonly url: string }

/** An operation of a service of this broker's AWS API, or a path of it. */
export interface ServiceTarget {
  readonly kind: 'service'
  readonly service: string
  readonly region: string
  /** Such as `PutRecord`; without it, `path` says what is called. */
  readonly action?: string
  /** `/000000000000/jobs` is a queue's. */
  readonly path: string
}

/** Services that an integration may call. */
const services: ReadonlySet<string> = new Set(['kinesis', 'sqs', 'sns', 'events'])

/** `arn:aws:apigateway:us-east-1:kinesis:action/PutRecord`, `arn:aws:apigateway:us-east-1:sqs:path/000000000000/jobs`. */
const servicePattern = /^arn:[^:]*:apigateway:([^:]+):([a-z]+):(action|path)\/(.+)$/

/** What an integration leads to; undefined for nothing of this broker. */
export function integrationTarget(type: string, uri = ''): IntegrationTarget | undefined {
  if (type.startsWith('HTTP')) return /^https?:\/\/./.test(uri) ? { kind: 'http', url: uri } : undefined
  const target = functionIn(uri)
  if (target !== undefined) return { kind: 'function', function: target }
  const [, region = '', service = '', kind, rest = ''] = servicePattern.exec(uri) ?? []
  if (type !== 'AWS' || !services.has(service)) return undefined
  if (kind === 'path') return { kind: 'service', service, region, path: `/${rest}` }
  return { kind: 'service', service, region, path: '/', action: rest }
}

/** The function that a URI names; undefined when it names none. */
export function functionIn(uri: string | undefined): FunctionTarget | undefined {
  const arn =
    /\/functions\/arn:[^:]*:lambda:([^:]*):(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9_$-]+))?\/invocations$/
  const [, region, account, name, qualifier] = arn.exec(uri ?? '') ?? []
  if (region === undefined || account === undefined || name === undefined) return undefined
  return { name, region, account, ...(qualifier === undefined ? {} : { qualifier }) }
}
