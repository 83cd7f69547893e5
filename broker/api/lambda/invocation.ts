import type { Limits } from '../../limits.ts'
import type { InvocationInput } from '../../modes/functions.ts'
import { AwsError } from '../../wire/aws-error.ts'
import type { InputOf } from '../../wire/aws-shape.ts'

/** What an invocation takes, however its answer is given. */
export const invocationMembers = {
  LogType: { type: 'string', at: 'header', as: 'X-Amz-Log-Type', enum: ['None', 'Tail'] },
  ClientContext: { type: 'string', at: 'header', as: 'X-Amz-Client-Context', max: 3_583 },
  TraceId: { type: 'string', at: 'header', as: 'X-Amzn-Trace-Id' },
  Payload: { type: 'blob', at: 'payload' },
} as const

const empty = new Uint8Array(0)

/**
 * The invocation that a request asks for.
 * @throws AwsError when its payload is too large, or no JSON
 */
export function invocationIn(
  { Payload = empty, TraceId: traceId, ClientContext }: InputOf<typeof invocationMembers>,
  { invocationBytesMax }: Limits,
): InvocationInput {
  requirePayload(Payload, invocationBytesMax)
  return {
    payload: Payload.length === 0 ? Buffer.from('{}') : Payload,
    ...(traceId === undefined ? {} : { traceId }),
    ...(ClientContext === undefined ? {} : { clientContext: clientContextIn(ClientContext) }),
  }
}

/** @throws AwsError when it is too large, or no JSON */
function requirePayload(payload: Uint8Array, bytesMax: number): void {
  if (payload.length > bytesMax) {
    const text = `Request must be smaller than ${bytesMax} bytes for the InvokeFunction operation`
    throw new AwsError('RequestTooLargeException', text, { status: 413 })
  }
  if (payload.length === 0) return
  try {
    JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString())
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`, { cause })
  }
}

function clientContextIn(text: string): string {
  const json = Buffer.from(text, 'base64').toString()
  try {
    JSON.parse(json)
    return json
  } catch (cause) {
    const message = 'Client context must be a valid Base64-encoded JSON object.'
    throw new AwsError('InvalidRequestContentException', message, { cause })
  }
}
