/** A heap: what has the smallest key is at hand. */
export class MinHeap<T> {
  #keys: number[] = []
  #values: T[] = []

  get size(): number {
    return this.#keys.length
  }

  /** The smallest key; Infinity when it is empty. */
  get minimum(): number {
    return this.#keys[0] ?? Number.POSITIVE_INFINITY
  }

  /** What has the smallest key. */
  get first(): T | undefined {
    return this.#values[0]
  }

  push(key: number, value: T): void {
    let at = this.#keys.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#keys[parent] as number) <= key) break
      this.#keys[at] = this.#keys[parent] as number
      this.#values[at] = this.#values[parent] as T
      at = parent
    }
    this.#keys[at] = key
    this.#values[at] = value
  }

  /** Takes away what has the smallest key. */
  pop(): void {
    const key = this.#keys.pop()
    const value = this.#values.pop()
    if (key === undefined || this.#keys.length === 0) return
    const size = this.#keys.length
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= size) break
      if (child + 1 < size && (this.#keys[child + 1] as number) < (this.#keys[child] as number)) child++
      if ((this.#keys[child] as number) >= key) break
      this.#keys[at] = this.#keys[child] as number
      this.#values[at] = this.#values[child] as T
      at = child
    }
    this.#keys[at] = key
    this.#values[at] = value as T
  }

  clear(): void {
    this.#keys = []
    this.#values = []
  }
}
