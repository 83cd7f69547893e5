import type { FunctionResult } from '../modes/functions.ts'

type OnChunk = (chunk: Uint8Array, contentType: string) => Promise<void>

interface Piece {
  readonly chunk: Uint8Array
  readonly taken: () => void
}

/** An invocation whose answer is handed on piece by piece; the function waits for who reads it. */
export class StreamedInvocation {
  readonly #pieces: Piece[] = []
  #contentType: string | undefined
  #result: FunctionResult | undefined
  #error: unknown
  #isOver = false
  #isUnwanted = false
  #wake: () => void = () => undefined

  private constructor(invoke: (onChunk: OnChunk) => Promise<FunctionResult>) {
    invoke((chunk, contentType) => this.#add(chunk, contentType)).then(
      (result) => this.#end(result, undefined),
      (error: unknown) => this.#end(undefined, error),
    )
  }

  /**
   * Begins one; resolves with its first piece, or with its end.
   * @throws what `invoke` rejects with before the first piece
   */
  static async begin(invoke: (onChunk: OnChunk) => Promise<FunctionResult>): Promise<StreamedInvocation> {
    const invocation = new StreamedInvocation(invoke)
    await invocation.#news()
    if (invocation.#error !== undefined) throw invocation.#error
    return invocation
  }

  /** What the function says its answer is; undefined when it does not stream. */
  get contentType(): string | undefined {
    return this.#contentType
  }

  /** How it ended, once all pieces were read. */
  get result(): FunctionResult {
    if (this.#result === undefined) throw this.#error
    return this.#result
  }

  /** The pieces in order, for one reader; when it stops early, the rest is dropped as it comes. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        await this.#news()
        const piece = this.#pieces.shift()
        if (piece === undefined) return
        yield piece.chunk
        piece.taken()
      }
    } finally {
      this.#isUnwanted = true
      for (const { taken } of this.#pieces.splice(0)) taken()
    }
  }

  #add(chunk: Uint8Array, contentType: string): Promise<void> {
    this.#contentType = contentType
    if (this.#isUnwanted) return Promise.resolve()
    return new Promise((taken) => {
      this.#pieces.push({ chunk, taken })
      this.#wake()
    })
  }

  #end(result: FunctionResult | undefined, error: unknown): void {
    this.#result = result
    this.#error = error
    this.#isOver = true
    this.#wake()
  }

  /** Waits for a piece, or for the end. */
  async #news(): Promise<void> {
    if (this.#pieces.length > 0 || this.#isOver) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }
}
