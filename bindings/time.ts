/** The broker's time, as far as bindings need it; a Clock of the broker is one. */
export interface Time {
  /** Milliseconds since 1970. */
  now(): number
  after(delayMillis: number, callback: () => void): { cancel(): void }
}

/** Waits; ends early, without an error, when `signal` fires. */
export function sleep(time: Time, millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = time.after(millis, done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
