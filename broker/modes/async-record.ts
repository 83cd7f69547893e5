import type { MessageAttribute } from '../wire/queue-message.ts'
import type { AsyncInvocation } from './async-invocations.ts'
import type { FunctionResult } from './functions.ts'

const region = 'us-east-1'
const account = '000000000000'

/** What a destination is told (docs.aws.amazon.com/lambda, "Capturing records of Lambda asynchronous invocations"). */
export function asyncRecord(
  { id, target, input, failures }: AsyncInvocation,
  condition: string,
  result: FunctionResult | undefined,
  now: number,
): object {
  const arn = `arn:aws:lambda:${target.region ?? region}:${target.account ?? account}:function:${target.name}`
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: id,
      functionArn: `${arn}:${target.qualifier ?? '$LATEST'}`,
      condition,
      approximateInvokeCount: failures + (condition === 'Success' ? 1 : 0),
    },
    requestPayload: jsonOf(input.payload),
    ...(result === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: result.version,
            ...(result.failed ? { functionError: 'Unhandled' } : {}),
          },
          responsePayload: jsonOf(result.payload),
        }),
  }
}

/** What goes with a dead letter (docs.aws.amazon.com/lambda, "Adding a dead-letter queue"). */
export function deadLetterAttributes(
  { id }: AsyncInvocation,
  condition: string,
  result: FunctionResult | undefined,
): Record<string, MessageAttribute> {
  const error = result === undefined ? undefined : jsonOf(result.payload)
  const said = typeof error === 'object' && error !== null ? (error as { errorMessage?: unknown }).errorMessage : error
  return {
    RequestID: { type: 'String', value: id },
    ErrorCode: { type: 'Number', value: result === undefined ? '429' : '200' },
    ErrorMessage: { type: 'String', value: String(said ?? condition).slice(0, 1_024) || condition },
  }
}

/** A payload as JSON; as text where it is none. */
function jsonOf(payload: Uint8Array): unknown {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
  try {
    return JSON.parse(text)
  } catch {
    // A runtime of its own may answer with anything.
    return text
  }
}
