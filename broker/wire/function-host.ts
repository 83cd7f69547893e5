/** A version of a function, with all that is needed to run it. */
export interface FunctionUnit {
  readonly name: string
  /** `$LATEST`, or a number that was published. */
  readonly version: string
  /** Changes with anything that is said here: a process of another revision is not used. */
  readonly revision: string
  /** Such as `nodejs20.x` or `provided.al2023`. */
  readonly runtime: string
  /** `file.export`, or whatever a runtime of its own makes of it. */
  readonly handler: string
  readonly timeoutMillis: number
  readonly memoryMegabytes: number
  readonly environment: Readonly<Record<string, string>>
  /** Where its code lies; undefined for a handler in the embedding program. */
  readonly directory: string | undefined
  /** Whether that is its author's own directory, in which files change. */
  readonly watched: boolean
  /** Directories of its layers, in order: a later one wins. */
  readonly layers: readonly string[]
  readonly region: string
  readonly account: string
  /** How many invocations of the function, of all versions together, may run at once; without it the host decides. */
  readonly concurrencyMax: number | undefined
}

export interface Invocation {
  readonly requestId: string
  /** The event: JSON, as bytes. */
  readonly payload: Uint8Array
  /** The ARN that was called, qualifier included. */
  readonly invokedArn: string
  /** JSON of a mobile client's context. */
  readonly clientContext?: string
  /** An X-Amzn-Trace-Id. */
  readonly traceId?: string
  /**
   * Hears the pieces of a streamed answer as they come, when that is wanted; the result's payload is then empty. The next one waits for what
   * it returns. The type is what the function says its answer is.
   */
  readonly onChunk?: (chunk: Uint8Array, contentType: string) => Promise<void> | void
}

/** How an invocation ended. A function that fails has a result too: its error as JSON. */
export interface InvocationResult {
  readonly payload: Uint8Array
  /** Whether the payload is an error: thrown, or the runtime's own, such as a timeout. */
  readonly failed: boolean
  /** The last 4 KiB of what it wrote, START and REPORT lines included. */
  readonly log: Uint8Array
  readonly durationMillis: number
}

/** A line that a function wrote. */
export interface FunctionLogLine {
  /** Counts the lines of a function. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly text: string
}

/** What runs functions. Upper floors say what is to be run; how is the host's business. */
export interface FunctionHost {
  /**
   * Runs one invocation; what goes wrong in the function is in the result.
   * @throws concurrency_exceeded when as many run as may; draining
   */
  invoke(unit: FunctionUnit, invocation: Invocation): Promise<InvocationResult>
  /** Ends the processes of a function that changed or is gone; what runs in them may finish. */
  retire(name: string): void
  /** The lines that a function wrote, from number `from` on, of those still kept; waits for one up to `waitMillis` if there is none. */
  logs(name: string, from: number, waitMillis: number, signal: AbortSignal): Promise<readonly FunctionLogLine[]>
  close(): Promise<void>
}

/** A handler in the program that embeds the broker: what it returns is the answer, what it throws the error. */
export type EmbeddedHandler = (event: unknown, context: EmbeddedContext) => unknown

export interface EmbeddedContext {
  readonly functionName: string
  readonly requestId: string
  readonly invokedArn: string
  readonly traceId: string | undefined
  /** Fires when the invocation's time is up. */
  readonly signal: AbortSignal
}
