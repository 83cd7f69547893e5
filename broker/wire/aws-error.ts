/** An error as AWS has it: where Millrace has none of that meaning, and what Millrace's own are translated to. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  /** The shape's name, such as ResourceNotFoundException. */
  readonly code: string
  /** The HTTP status. */
  readonly status: number
  /** What the Query protocol calls it, where that differs (AWS.SimpleQueueService.NonExistentQueue). */
  readonly queryCode: string
  /** Members of the error beyond its message. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    options: {
      readonly status?: number
      readonly queryCode?: string
      readonly members?: Readonly<Record<string, unknown>>
      readonly cause?: unknown
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? 400
    this.queryCode = options.queryCode ?? code
    this.members = options.members ?? {}
  }

  /** Whose fault it was, in the words of the Query protocol. */
  get fault(): 'Sender' | 'Receiver' {
    return this.status < 500 ? 'Sender' : 'Receiver'
  }
}

/** What was sent cannot be read as what the operation takes. */
export function serializationError(message: string, cause?: unknown): AwsError {
  return new AwsError('SerializationException', message, { cause })
}
