import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { FunctionResult } from '../../modes/functions.ts'

/** What a client is answered. */
export interface FunctionAnswer {
  readonly status: number
  /** In small letters; several values are several lines. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Uint8Array
}

/** What functions may not say: it is about the connection, which is not theirs. */
const ofConnection = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade'])

/** The answer that stands for a function that failed, or said what is no answer. */
export const badGateway = plainAnswer(502, 'Internal Server Error')

/** The result of a function at its own address: an object with `statusCode` says all of the answer, anything else is its body. */
export function urlAnswer({ failed, payload }: FunctionResult): FunctionAnswer {
  if (failed) return badGateway
  const value = jsonIn(payload)
  if (!isObject(value) || value['statusCode'] === undefined) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: payload }
  }
  const cookies = value['cookies']
  const headers = { 'content-type': 'application/json', ...headersIn(value['headers']), ...cookiesIn(cookies) }
  return answerOf(value, headers)
}

/** The result of a function behind a load balancer: it must say its status. */
export function elbAnswer({ failed, payload }: FunctionResult, multi: boolean): FunctionAnswer {
  const value = failed ? undefined : jsonIn(payload)
  if (!isObject(value) || value['statusCode'] === undefined) return badGateway
  return answerOf(value, headersIn(value[multi ? 'multiValueHeaders' : 'headers']))
}

/** What goes ahead of a streamed body: its status, headers and cookies; undefined when they cannot be understood. */
export function streamedHead(prelude: Uint8Array): Omit<FunctionAnswer, 'body'> | undefined {
  const value = jsonIn(prelude)
  if (!isObject(value)) return undefined
  const headers = { ...headersIn(value['headers']), ...cookiesIn(value['cookies']) }
  const { status, headers: checked } = answerOf({ statusCode: 200, ...value }, headers)
  return { status, headers: checked }
}

/** A short answer in AWS's form for those that come from the broker itself. */
export function messageAnswer(status: number, message: string): FunctionAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ Message: message })),
  }
}

function plainAnswer(status: number, text: string): FunctionAnswer {
  return { status, headers: { 'content-type': 'text/plain' }, body: Buffer.from(text) }
}

function answerOf(value: Readonly<Record<string, unknown>>, headers: FunctionAnswer['headers']): FunctionAnswer {
  const { statusCode, body, isBase64Encoded } = value
  const status = Number(statusCode)
  if (!Number.isInteger(status) || status < 200 || status > 599 || !areValid(headers)) return badGateway
  return { status, headers, body: bytesIn(body, isBase64Encoded === true) }
}

function bytesIn(body: unknown, isBase64: boolean): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array(0)
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return Buffer.from(text, isBase64 ? 'base64' : 'utf8')
}

function headersIn(value: unknown): Record<string, string | string[]> {
  if (!isObject(value)) return {}
  const entries = Object.entries(value).flatMap(([name, each]): [string, string | string[]][] => {
    const key = name.toLowerCase()
    if (ofConnection.has(key) || each === null || each === undefined) return []
    return [[key, Array.isArray(each) ? each.map(String) : String(each)]]
  })
  return Object.fromEntries(entries)
}

function cookiesIn(value: unknown): { 'set-cookie'?: string[] } {
  return Array.isArray(value) && value.length > 0 ? { 'set-cookie': value.map(String) } : {}
}

function areValid(headers: FunctionAnswer['headers']): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name)
      for (const each of [value].flat()) validateHeaderValue(name, each as string)
    }
    return true
  } catch {
    // What HTTP has no way to say is no answer.
    return false
  }
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  } catch {
    // No JSON is nobody's answer.
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
