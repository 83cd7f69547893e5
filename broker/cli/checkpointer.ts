import type { StreamHandle } from '../../client/index.ts'

/** Writes a consumer's checkpoints one call at a time: what is done meanwhile goes into the next call. */
export class Checkpointer {
  readonly #stream: StreamHandle
  readonly #consumer: string
  #pending: Record<number, number> = {}
  #writing: Promise<void> | undefined
  #error: unknown

  constructor(stream: StreamHandle, consumer: string) {
    this.#stream = stream
    this.#consumer = consumer
  }

  /**
   * All of `shard` before `next` is done.
   * @throws what went wrong with an earlier checkpoint
   */
  done(shard: number, next: number): void {
    if (this.#error !== undefined) throw this.#error
    this.#pending[shard] = next
    this.#writing ??= this.#write()
  }

  /** Resolves when all is durable; throws when it is not. */
  async flush(): Promise<void> {
    await this.#writing
    if (this.#error !== undefined) throw this.#error
  }

  async #write(): Promise<void> {
    try {
      while (Object.keys(this.#pending).length > 0) {
        const shards = this.#pending
        this.#pending = {}
        await this.#stream.checkpoint(this.#consumer, shards)
      }
    } catch (error) {
      this.#error = error
    }
    this.#writing = undefined
  }
}
