import type { EmbeddedHandler, FunctionUnit, Invocation, InvocationResult } from '../../broker/wire/function-host.ts'
import { invalidEntrypoint, timedOut } from './failures.ts'

const nothing = new Uint8Array(0)

/** Runs a handler of the embedding program; what it throws, and its time running out, is a result like that of any function. */
export async function runEmbedded(
  handler: EmbeddedHandler | undefined,
  unit: FunctionUnit,
  invocation: Invocation,
): Promise<InvocationResult> {
  const startedAt = performance.now()
  const done = (payload: Uint8Array, failed: boolean) => {
    return { payload, failed, log: nothing, durationMillis: performance.now() - startedAt }
  }
  const { requestId, invokedArn, traceId } = invocation
  if (handler === undefined) {
    return done(invalidEntrypoint(requestId, 'the program that embeds the broker has not registered its handler'), true)
  }
  const timeUp = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<InvocationResult>((resolve) => {
    timer = setTimeout(() => {
      timeUp.abort()
      resolve(done(timedOut(requestId, unit.timeoutMillis), true))
    }, unit.timeoutMillis)
  })
  const context = { functionName: unit.name, requestId, invokedArn, traceId, signal: timeUp.signal }
  const run = async () => {
    const text = Buffer.from(invocation.payload).toString()
    const value = await handler(text === '' ? {} : JSON.parse(text), context)
    return done(Buffer.from(JSON.stringify(value) ?? 'null'), false)
  }
  try {
    return await Promise.race([run().catch((error: unknown) => done(errorPayload(error), true)), late])
  } finally {
    clearTimeout(timer)
  }
}

function errorPayload(error: unknown): Uint8Array {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return Buffer.from(JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] }))
}
