/** Numbers in ascending order, each once. Taking the first and adding at the end, which is what happens most, cost nothing. */
export class SortedNumbers {
  #numbers: number[] = []
  /** How many at the front were taken. */
  #taken = 0

  get size(): number {
    return this.#numbers.length - this.#taken
  }

  /** The smallest; Infinity when it is empty. */
  get first(): number {
    return this.#numbers[this.#taken] ?? Number.POSITIVE_INFINITY
  }

  add(number: number): void {
    const last = this.#numbers.at(-1)
    if (last === undefined || last < number || this.size === 0) {
      this.#numbers.push(number)
      return
    }
    const place = this.#place(number)
    if (this.#numbers[place] === number) return
    if (place === this.#taken && place > 0) this.#numbers[--this.#taken] = number
    else this.#numbers.splice(place, 0, number)
  }

  /** Removes a number; false when it was not there. */
  delete(number: number): boolean {
    const place = this.#place(number)
    if (this.#numbers[place] !== number) return false
    if (place === this.#taken) this.shift()
    else this.#numbers.splice(place, 1)
    return true
  }

  /** Removes the smallest. */
  shift(): void {
    if (this.size === 0) return
    this.#taken++
    if (this.#taken < 32 || this.#taken * 2 < this.#numbers.length) return
    this.#numbers = this.#numbers.slice(this.#taken)
    this.#taken = 0
  }

  /** How many are below `bound`. */
  countBelow(bound: number): number {
    return this.#place(bound) - this.#taken
  }

  /** The smallest `count` of them. */
  take(count: number): number[] {
    return this.#numbers.slice(this.#taken, this.#taken + count)
  }

  /** The place of the first that is `number` or more. */
  #place(number: number): number {
    let low = this.#taken
    let high = this.#numbers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#numbers[middle] as number) < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
