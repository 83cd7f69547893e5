/** Errors that are the runtime's own, as AWS words them: what the caller gets as the payload. */

/** The time was up. */
export function timedOut(requestId: string, timeoutMillis: number): Uint8Array {
  const text = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMillis / 1000).toFixed(2)} seconds`
  return failure('Sandbox.Timedout', text)
}

/** The process ended in the middle, or before it began. */
export function exited(requestId: string, code: number | null, signal: NodeJS.Signals | null): Uint8Array {
  return failure('Runtime.ExitError', `RequestId: ${requestId} Error: ${exitText(code, signal)}`)
}

/** How a process ended, in AWS's words. */
export function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'Runtime exited with error: signal: killed'
  if (signal !== null) return `Runtime exited with error: signal: ${signal}`
  if (code === 0 || code === null) return 'Runtime exited without providing a reason'
  return `Runtime exited with error: exit status ${code}`
}

/** It took more memory than it has. */
export function outOfMemory(requestId: string): Uint8Array {
  return failure('Runtime.OutOfMemory', `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`)
}

/** There is nothing to run. */
export function invalidEntrypoint(requestId: string, reason: string): Uint8Array {
  return failure('Runtime.InvalidEntrypoint', `RequestId: ${requestId} Error: ${reason}`)
}

/** Its answer is larger than an answer may be. */
export function responseTooLarge(): Uint8Array {
  const text = 'Response payload size exceeded maximum allowed payload size (6291556 bytes).'
  return failure('Function.ResponseSizeTooLarge', text)
}

function failure(errorType: string, errorMessage: string): Uint8Array {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }))
}
