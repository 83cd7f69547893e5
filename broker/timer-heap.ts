/** A timer of the manual clock. Of two that fall due at the same instant, the one that was set first comes first. */
export interface DueTimer {
  readonly due: number
  readonly order: number
  readonly callback: () => void
  /** Its place in the heap; -1 while it is in none. */
  place: number
}

/** Timers by when they fall due: a binary heap, so that setting, cancelling and firing one of n costs log n. */
export class TimerHeap {
  readonly #timers: DueTimer[] = []

  get size(): number {
    return this.#timers.length
  }

  /** The timer that falls due first. */
  first(): DueTimer | undefined {
    return this.#timers[0]
  }

  add(timer: DueTimer): void {
    this.#timers.push(timer)
    this.#rise(timer, this.#timers.length - 1)
  }

  /** Takes a timer out, if it is in. */
  remove(timer: DueTimer): void {
    const { place } = timer
    if (place < 0) return
    timer.place = -1
    const last = this.#timers.pop() as DueTimer
    if (last === timer) return
    // The last one fills the hole, and goes whichever way it must.
    if (place > 0 && before(last, this.#timers[(place - 1) >> 1] as DueTimer)) this.#rise(last, place)
    else this.#sink(last, place)
  }

  #rise(timer: DueTimer, from: number): void {
    let place = from
    while (place > 0) {
      const parent = this.#timers[(place - 1) >> 1] as DueTimer
      if (!before(timer, parent)) break
      this.#put(parent, place)
      place = (place - 1) >> 1
    }
    this.#put(timer, place)
  }

  #sink(timer: DueTimer, from: number): void {
    const { length } = this.#timers
    let place = from
    for (let child = 2 * place + 1; child < length; child = 2 * place + 1) {
      const right = this.#timers[child + 1]
      if (right !== undefined && before(right, this.#timers[child] as DueTimer)) child++
      const lesser = this.#timers[child] as DueTimer
      if (!before(lesser, timer)) break
      this.#put(lesser, place)
      place = child
    }
    this.#put(timer, place)
  }

  #put(timer: DueTimer, place: number): void {
    this.#timers[place] = timer
    timer.place = place
  }
}

function before(a: DueTimer, b: DueTimer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
