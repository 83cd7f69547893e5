const firstMillis = 20
const lastMillis = 2_000

/** Waits between tries: doubling from 20 ms to 2 s, each shortened by up to half at random so that many clients do not come back at once. */
export class Backoff {
  #tries = 0

  /** What was tried worked: the next trouble starts with the short wait. */
  reset(): void {
    this.#tries = 0
  }

  /** Waits; ends early, without an error, when `signal` fires. */
  wait(signal?: AbortSignal): Promise<void> {
    const millis = Math.min(lastMillis, firstMillis * 2 ** this.#tries++) * (1 - Math.random() / 2)
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, millis)
      signal?.addEventListener('abort', done)
      if (signal?.aborted) done()
    })
  }
}
