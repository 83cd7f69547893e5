/** An error of the runtime's own, such as a handler that is not there. */
export class RuntimeFailure extends Error {
  readonly type: string

  constructor(type: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.type = type
  }
}

/** An error as the Runtime API takes it: whatever was thrown, an Error or not. */
export function errorBody(error: unknown, type?: string): string {
  if (!(error instanceof Error)) {
    const errorMessage = typeof error === 'string' ? error : (safeJson(error) ?? String(error))
    return JSON.stringify({ errorType: type ?? typeof error, errorMessage, trace: [] })
  }
  const errorType = type ?? (error instanceof RuntimeFailure ? error.type : error.name)
  const errorMessage = type === undefined ? error.message : `${error.name}: ${error.message}`
  return JSON.stringify({ errorType, errorMessage, trace: error.stack?.split('\n') ?? [] })
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    // What cannot be written down, because it holds itself say, is told of by its name.
    return undefined
  }
}
