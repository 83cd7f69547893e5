import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request that a function is to answer, whatever version of HTTP it came by. */
export interface FunctionRequest {
  readonly method: string
  /** As it was sent, without what named the function. */
  readonly path: string
  /** As it was sent, without the question mark. */
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  /** Host and port as the client knows them. */
  readonly authority: string
  readonly secure: boolean
  /** Such as HTTP/1.1. */
  readonly protocol: string
  readonly sourceAddress: string
  readonly requestId: string
  /** When it came, milliseconds since 1970. */
  readonly time: number
  /** X-Ray's header. */
  readonly trace: string
}

/** Its headers, one text each, with those that whoever stands before a function adds; HTTP/2's own and cookies are left out. */
export function forwardedHeaders(request: FunctionRequest): Record<string, string> {
  const { headers, authority, secure, sourceAddress, trace } = request
  const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    name.startsWith(':') || name === 'cookie' || value === undefined ? [] : [[name, [value].flat().join(',')]],
  )
  const before = headers['x-forwarded-for']
  return {
    ...Object.fromEntries(given),
    host: authority,
    'x-forwarded-for': before === undefined ? sourceAddress : `${[before].flat().join(',')}, ${sourceAddress}`,
    'x-forwarded-port': /:(\d+)$/.exec(authority)?.[1] ?? (secure ? '443' : '80'),
    'x-forwarded-proto': secure ? 'https' : 'http',
    'x-amzn-trace-id': trace,
  }
}

/** The trace of a request: the one it came with, or a new one. */
export function traceOf(headers: IncomingHttpHeaders, now: number): string {
  const given = headers['x-amzn-trace-id']
  if (typeof given === 'string') return given
  return `Root=1-${Math.floor(now / 1000).toString(16)}-${randomBytes(12).toString('hex')}`
}

const textType = /^(text\/|application\/(json|javascript|xml)\b|application\/[^;]*\+(json|xml)\b)/

/** A body as an event has it: text where its type says that it is, else base64. Nothing: there is none. */
export function bodyOf({ headers, body }: FunctionRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const type = headers['content-type']
  const isText = (type === undefined || textType.test(type)) && headers['content-encoding'] === undefined
  const text = isText ? bytes.toString() : ''
  // What is no UTF-8 would not come back as it was.
  if (isText && Buffer.from(text).equals(bytes)) return { body: text, isBase64Encoded: false }
  return { body: bytes.toString('base64'), isBase64Encoded: true }
}
