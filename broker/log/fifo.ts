/**
 * A queue that is also looked into. An array's own `shift` moves all that is behind, which for hundreds of thousands of
 * commits takes as long as writing one; here what was taken leaves a hole at the front, and the holes go when they are half of it.
 */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  /** The item at `place`, counted from the oldest; undefined beyond the end. */
  at(place: number): T | undefined {
    return this.#items[this.#head + place]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  /** Takes the oldest. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head >= holesMin && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}

/** So few holes are not worth moving anything for. */
const holesMin = 32
