import { TimerHeap } from './timer-heap.ts'

/** A timer that was set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void
}

/** The only source of time. Nothing else in the broker reads a clock or sets a timer. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `callback` once, `delayMillis` from now or later. The timer doesn't keep the process alive. */
  after(delayMillis: number, callback: () => void): Timer
}

/** setTimeout takes no more than this; longer waits are cut into pieces. */
const timeoutMillisMax = 2 ** 31 - 1

/** The machine's clock. */
export class RealClock implements Clock {
  now(): number {
    return Date.now()
  }

  after(delayMillis: number, callback: () => void): Timer {
    let handle: NodeJS.Timeout
    const arm = (left: number) => {
      const wait = Math.min(left, timeoutMillisMax)
      handle = setTimeout(() => (left > wait ? arm(left - wait) : callback()), wait)
      handle.unref()
    }
    arm(Math.max(0, delayMillis))
    return { cancel: () => clearTimeout(handle) }
  }
}

/** `promise`, with the process kept alive until it settles: the timers of a clock alone would let it end before. */
export async function keptAlive<T>(promise: Promise<T>): Promise<T> {
  const handle = setInterval(() => undefined, timeoutMillisMax)
  try {
    return await promise
  } finally {
    clearInterval(handle)
  }
}

/** A clock that stands still until `advance` moves it: a day of timeouts passes in a test in no time. */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new TimerHeap()
  #advancing: Promise<void> = Promise.resolve()

  /** Starts at `start` milliseconds since 1970; 2026-01-01T00:00:00Z by default. */
  constructor(start = 1_767_225_600_000) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(delayMillis: number, callback: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, delayMillis), order: this.#order++, callback, place: -1 }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.remove(timer) }
  }

  /**
   * Moves time on, firing what falls due on the way in order, each at its own instant. Between two timers it yields to
   * the event loop, so that what one sets in motion is seen before the next fires. Calls take their turn: time moves by the sum.
   */
  advance(millis: number): Promise<void> {
    const advanced = this.#advancing.then(() => this.#advance(millis))
    // A callback that throws is the matter of who advanced; the next call goes on behind it.
    this.#advancing = advanced.catch(() => undefined)
    return advanced
  }

  async #advance(millis: number): Promise<void> {
    const target = this.#now + millis
    for (let next = this.#timers.first(); next !== undefined && next.due <= target; next = this.#timers.first()) {
      this.#timers.remove(next)
      this.#now = next.due
      next.callback()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#now = target
  }
}
