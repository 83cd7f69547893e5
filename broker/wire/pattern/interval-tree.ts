interface Interval<B> {
  readonly low: number
  readonly high: number
  readonly item: B
}

/**
 * Closed intervals of numbers, and quickly those that hold a number: a balanced tree laid over the intervals in order of their lower
 * ends, each subtree knowing its highest upper end. Built anew, at the next question, after additions.
 */
export class IntervalTree<B> {
  readonly #byBounds = new Map<string, Interval<B>>()
  #sorted: Interval<B>[] | undefined = []
  #highest: number[] = []

  get(low: number, high: number): B | undefined {
    return this.#byBounds.get(`${low} ${high}`)?.item
  }

  set(low: number, high: number, item: B): void {
    this.#byBounds.set(`${low} ${high}`, { low, high, item })
    this.#sorted = undefined
  }

  find(value: number, found: (item: B) => void): void {
    const sorted = this.#sorted ?? this.#build()
    this.#visit(sorted, 0, sorted.length, value, found)
  }

  #build(): Interval<B>[] {
    const sorted = [...this.#byBounds.values()].sort((a, b) => a.low - b.low)
    this.#highest = new Array<number>(sorted.length)
    this.#measure(sorted, 0, sorted.length)
    this.#sorted = sorted
    return sorted
  }

  /** The root of `from` to `end` is its middle. */
  #measure(sorted: readonly Interval<B>[], from: number, end: number): number {
    if (from >= end) return Number.NEGATIVE_INFINITY
    const middle = (from + end) >> 1
    const below = this.#measure(sorted, from, middle)
    const above = this.#measure(sorted, middle + 1, end)
    const highest = Math.max((sorted[middle] as Interval<B>).high, below, above)
    this.#highest[middle] = highest
    return highest
  }

  #visit(sorted: readonly Interval<B>[], from: number, end: number, value: number, found: (item: B) => void): void {
    if (from >= end) return
    const middle = (from + end) >> 1
    if ((this.#highest[middle] as number) < value) return
    this.#visit(sorted, from, middle, value, found)
    const { low, high, item } = sorted[middle] as Interval<B>
    if (low > value) return
    if (high >= value) found(item)
    this.#visit(sorted, middle + 1, end, value, found)
  }
}
