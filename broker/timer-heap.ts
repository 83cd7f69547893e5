/** Something that falls due. Of two that do at the same instant, the one that was set first comes first. */
export interface Due {
  readonly due: number
  readonly order: number
  /** Its place in the heap; -1 while it is in none. */
  place: number
}

/** A timer of the manual clock. */
export interface DueTimer extends Due {
  readonly callback: () => void
}

/** What falls due, by when it does: a binary heap, so that setting, cancelling and firing one of n costs log n. */
export class TimerHeap<T extends Due = DueTimer> {
  readonly #timers: T[] = []

  get size(): number {
    return this.#timers.length
  }

  /** The one that falls due first. */
  first(): T | undefined {
    return this.#timers[0]
  }

  add(timer: T): void {
    this.#timers.push(timer)
    this.#rise(timer, this.#timers.length - 1)
  }

  /** Takes one out, if it is in. */
  remove(timer: T): void {
    const { place } = timer
    if (place < 0) return
    timer.place = -1
    const last = this.#timers.pop() as T
    if (last === timer) return
    // The last one fills the hole, and goes whichever way it must.
    if (place > 0 && before(last, this.#timers[(place - 1) >> 1] as T)) this.#rise(last, place)
    else this.#sink(last, place)
  }

  #rise(timer: T, from: number): void {
    let place = from
    while (place > 0) {
      const parent = this.#timers[(place - 1) >> 1] as T
      if (!before(timer, parent)) break
      this.#put(parent, place)
      place = (place - 1) >> 1
    }
    this.#put(timer, place)
  }

  #sink(timer: T, from: number): void {
    const { length } = this.#timers
    let place = from
    for (let child = 2 * place + 1; child < length; child = 2 * place + 1) {
      const right = this.#timers[child + 1]
      if (right !== undefined && before(right, this.#timers[child] as T)) child++
      const lesser = this.#timers[child] as T
      if (!before(lesser, timer)) break
      this.#put(lesser, place)
      place = child
    }
    this.#put(timer, place)
  }

  #put(timer: T, place: number): void {
    this.#timers[place] = timer
    timer.place = place
  }
}

function before(a: Due, b: Due): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order)
}
