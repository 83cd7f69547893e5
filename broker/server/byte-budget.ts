/** A number of bytes shared by all who ask; who finds too few left waits in line, so that memory has a bound and nobody is refused. */
export class ByteBudget {
  readonly #bytesMax: number
  #left: number
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = []

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
    this.#left = bytesMax
  }

  /**
   * Takes `bytes`, or all there are if that is more; resolves with a function that gives them back, to be called once. Rejects with
   * the signal's reason when it fires before.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    const taken = Math.min(bytes, this.#bytesMax)
    if (this.#waiting.length > 0 || this.#left < taken) await this.#turn(taken, signal)
    else this.#left -= taken
    return () => {
      this.#left += taken
      this.#admit()
    }
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(signal.reason)
        this.#admit()
      }
      const waiter = {
        bytes,
        go: () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      this.#waiting.push(waiter)
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
    })
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#left; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#left -= next.bytes
      next.go()
    }
  }
}
