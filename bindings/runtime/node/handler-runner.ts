import { outputWritten } from './console.ts'
import { RuntimeFailure } from './error-body.ts'
import type { Handler } from './handler-loader.ts'
import { isStreaming, ResponseStream } from './response-stream.ts'
import type { NextInvocation, RuntimeClient } from './runtime-client.ts'

/** Runs a handler on one event and sends its answer; rejects with what it threw. */
export async function runHandler(handler: Handler, invocation: NextInvocation, client: RuntimeClient): Promise<void> {
  const event = eventOf(invocation)
  if (isStreaming(handler)) {
    const stream = new ResponseStream(client.responseStream(invocation.requestId))
    await settled((_done, context) => handler(event, stream, context), invocation, 2)
    await outputWritten()
    stream.end()
    await stream.sent
    return
  }
  const value = await settled((done, context) => handler(event, context, done), invocation, handler.length)
  await client.response(invocation.requestId, jsonOf(value))
}

function eventOf({ payload }: NextInvocation): unknown {
  return payload.length === 0 ? {} : JSON.parse(payload.toString())
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    throw new RuntimeFailure('Runtime.MarshalError', `Unable to stringify response body: ${String(error)}`, error)
  }
}

type Callback = (error?: unknown, value?: unknown) => void

/**
 * What a handler came to: by its promise, by its callback, or by context.succeed and its like. An answer by callback waits until
 * nothing is under way any more, unless `callbackWaitsForEmptyEventLoop` is false. When nothing is under way and there is no answer, there
 * never will be one.
 */
function settled(
  call: (callback: Callback, context: object) => unknown,
  invocation: NextInvocation,
  parameters: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let answer: (() => void) | undefined
    const finish = (outcome: () => void) => {
      process.off('beforeExit', onIdle)
      outcome()
    }
    const callback: Callback = (error, value) => {
      answer ??= () => (isNothing(error) ? resolve(value) : reject(error))
      if (!context.callbackWaitsForEmptyEventLoop) finish(answer)
    }
    const context = contextOf(invocation, callback)
    let promised = false
    const onIdle = () => {
      const reason = 'The handler ended without an answer: a promise was never settled'
      const never = () => reject(new RuntimeFailure('Runtime.NodeJsExit', reason))
      // One that neither returns a promise nor calls back has answered with nothing.
      finish(answer ?? (promised ? never : () => resolve(null)))
    }
    process.on('beforeExit', onIdle)
    try {
      const returned = call(callback, context)
      promised = isPromise(returned)
      if (isPromise(returned)) {
        const failed = (error: unknown) => finish(() => reject(error))
        returned.then((value) => finish(() => resolve(value)), failed)
      } else if (parameters < 3 && answer === undefined && isValue(returned)) {
        finish(() => resolve(returned))
      }
    } catch (error) {
      finish(() => reject(error))
    }
  })
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** A plain value is meant as an answer; a timer, say, that an arrow function happens to return, is not. */
function isValue(returned: unknown): boolean {
  if (typeof returned !== 'object' || returned === null) return returned !== undefined
  const prototype: unknown = Object.getPrototypeOf(returned)
  return prototype === null || prototype === Object.prototype || Array.isArray(returned)
}

function isNothing(error: unknown): boolean {
  return error === undefined || error === null
}

/** The context object of a Node handler (docs.aws.amazon.com/lambda, "Using the Lambda context object"). */
function contextOf(invocation: NextInvocation, callback: Callback) {
  const { env } = process
  const { deadline } = invocation
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    invokedFunctionArn: invocation.invokedArn,
    awsRequestId: invocation.requestId,
    clientContext: invocation.clientContext === undefined ? undefined : JSON.parse(invocation.clientContext),
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    succeed: (value: unknown) => callback(null, value),
    fail: (error: unknown) => callback(error ?? new Error('handled')),
    done: callback,
  }
}
