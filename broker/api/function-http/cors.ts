import type { IncomingHttpHeaders } from 'node:http'
import type { FunctionCors } from '../../modes/function-record.ts'
import type { FunctionAnswer } from './function-answer.ts'

/** The answer to a browser that asks whether it may call (Fetch standard, "CORS-preflight request"); undefined when it does not ask. */
export function preflightAnswer(
  cors: FunctionCors | undefined,
  method: string,
  headers: IncomingHttpHeaders,
): FunctionAnswer | undefined {
  if (cors === undefined || method !== 'OPTIONS' || headers.origin === undefined) return undefined
  const wanted = headers['access-control-request-method']
  if (wanted === undefined) return undefined
  const allowed = corsHeaders(cors, headers.origin)
  const { AllowMethods = [], AllowHeaders = [], MaxAge } = cors
  const answer = {
    ...allowed,
    ...(AllowMethods.length > 0 ? { 'access-control-allow-methods': AllowMethods.join(',') } : {}),
    ...(AllowHeaders.length > 0 ? { 'access-control-allow-headers': AllowHeaders.join(',') } : {}),
    ...(MaxAge === undefined ? {} : { 'access-control-max-age': `${MaxAge}` }),
  }
  // A page of a foreign origin is told nothing, and so keeps out.
  return { status: 200, headers: 'access-control-allow-origin' in allowed ? answer : {}, body: new Uint8Array(0) }
}

/** What an answer says beside its own headers; where there are settings, what the function itself says of these does not count. */
export function corsHeaders(cors: FunctionCors | undefined, origin: string | undefined): Record<string, string> {
  if (cors === undefined || origin === undefined) return {}
  const { AllowOrigins = [], AllowCredentials = false, ExposeHeaders = [] } = cors
  const anyOrigin = AllowOrigins.includes('*')
  if (!anyOrigin && !AllowOrigins.includes(origin)) return {}
  return {
    // Browsers take no star where there are credentials.
    'access-control-allow-origin': anyOrigin && !AllowCredentials ? '*' : origin,
    ...(anyOrigin && !AllowCredentials ? {} : { vary: 'Origin' }),
    ...(AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(ExposeHeaders.length > 0 ? { 'access-control-expose-headers': ExposeHeaders.join(',') } : {}),
  }
}

/** Headers of a function's answer, with those that the settings say in place of its own. */
export function withCors(
  headers: FunctionAnswer['headers'],
  cors: FunctionCors | undefined,
  origin: string | undefined,
): FunctionAnswer['headers'] {
  if (cors === undefined) return headers
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('access-control-'))
  return { ...Object.fromEntries(own), ...corsHeaders(cors, origin) }
}
