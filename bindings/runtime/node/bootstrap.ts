// Runs a Node handler: loads it, then asks the Runtime API for one event after another. This file is what a function's process executes.
import { patchConsole } from './console.ts'
import { errorBody, RuntimeFailure } from './error-body.ts'
import { loadHandler } from './handler-loader.ts'
import { runHandler } from './handler-runner.ts'
import { installResponseStreaming } from './response-stream.ts'
import { RuntimeClient } from './runtime-client.ts'

const client = new RuntimeClient(process.env['AWS_LAMBDA_RUNTIME_API'] ?? '')
let current: string | undefined

patchConsole(() => current)
installResponseStreaming()

/** What nobody caught ends the process: its state is unknown. Whoever called hears of it first. */
async function die(error: unknown, type?: string): Promise<never> {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error)
  const body = errorBody(error, type)
  await (current === undefined ? client.initError(body) : client.error(current, body)).catch(() => undefined)
  process.exit(1)
}

process.on('uncaughtException', (error) => void die(error))
process.on('unhandledRejection', (error) => void die(error, 'Runtime.UnhandledPromiseRejection'))

const handler = await loadHandler(process.env['LAMBDA_TASK_ROOT'] ?? '.', process.env['_HANDLER'] ?? '').catch(
  (error: unknown) => die(error),
)

for (;;) {
  const invocation = await client.next()
  // Without its broker a function has nothing to do.
  if (invocation === undefined) process.exit(0)
  current = invocation.requestId
  if (invocation.traceId === undefined) delete process.env['_X_AMZN_TRACE_ID']
  else process.env['_X_AMZN_TRACE_ID'] = invocation.traceId
  try {
    await runHandler(handler, invocation, client)
  } catch (error) {
    if (!(error instanceof RuntimeFailure))
      console.error(error instanceof Error ? (error.stack ?? error.message) : error)
    await client.error(invocation.requestId, errorBody(error))
  }
  current = undefined
}
