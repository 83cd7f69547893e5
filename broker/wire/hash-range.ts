import { type Hash128, md5 } from './md5.ts'

/** The largest hash key: 2^128 - 1. */
export const hashKeyMax = 2n ** 128n - 1n

/** A shard's share of the hash space, both ends included. */
export interface HashRange {
  readonly start: bigint
  readonly end: bigint
}

/** Cuts the whole hash space into `count` ranges of equal width; the last one takes the remainder, as AWS does it. */
export function evenRanges(count: number): HashRange[] {
  const width = 2n ** 128n / BigInt(count)
  return Array.from({ length: count }, (_, i) => ({
    start: width * BigInt(i),
    end: i === count - 1 ? hashKeyMax : width * BigInt(i + 1) - 1n,
  }))
}

/** The words of a hash key given as an integer, for `HashRouter.find`. */
export function hashOfInteger(key: bigint): Hash128 {
  const word = (shift: bigint) => Number((key >> shift) & 0xffffffffn)
  return [word(96n), word(64n), word(32n), word(0n)]
}

/** Keys whose owners are remembered: twice as many at most, of at most so many characters each. */
const knownKeysMax = 32_768
const knownCharactersMax = 64

/**
 * Finds the shard that owns a hash, by binary search over the range starts kept as flat 32-bit words: no BigInt is
 * made per record. The ranges must cover the hash space without a hole, as a stream's open shards always do.
 */
export class HashRouter<T> {
  readonly #starts: Uint32Array
  readonly #owners: T[]
  /** Owners of keys that came lately, and of those before them: hashing a key takes ten times as long as finding it here. */
  #known = new Map<string, T>()
  #knownBefore = new Map<string, T>()

  constructor(owners: readonly { range: HashRange; owner: T }[]) {
    const sorted = [...owners].sort((a, b) => (a.range.start < b.range.start ? -1 : 1))
    this.#owners = sorted.map((each) => each.owner)
    this.#starts = Uint32Array.from(sorted.flatMap((each) => [...hashOfInteger(each.range.start)]))
  }

  /** The owner of the range that holds the MD5 of `partitionKey`. */
  ofKey(partitionKey: string): T {
    if (this.#owners.length === 1) return this.#owners[0] as T
    const known = this.#known.get(partitionKey)
    if (known !== undefined) return known
    const owner = this.#knownBefore.get(partitionKey) ?? this.ofHash(md5(partitionKey))
    if (partitionKey.length <= knownCharactersMax) this.#remember(partitionKey, owner)
    return owner
  }

  #remember(partitionKey: string, owner: T): void {
    if (this.#known.size >= knownKeysMax) {
      this.#knownBefore = this.#known
      this.#known = new Map()
    }
    this.#known.set(partitionKey, owner)
  }

  /** The owner of the range that holds `hash`. */
  ofHash(hash: Hash128): T {
    let low = 0
    let high = this.#owners.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#startsAfter(middle, hash)) high = middle - 1
      else low = middle
    }
    return this.#owners[low] as T
  }

  #startsAfter(index: number, hash: Hash128): boolean {
    for (let word = 0; word < 4; word++) {
      const start = this.#starts[index * 4 + word] as number
      const given = hash[word] as number
      if (start !== given) return start > given
    }
    return false
  }
}
