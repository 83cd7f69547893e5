import type { Clock } from '../clock.ts'
import type { Shard } from '../log/shard.ts'

/** What AWS grants one shard in a second. */
const writeBytesPerSecond = 1024 * 1024
const writeRecordsPerSecond = 1_000
const readBytesPerSecond = 2 * 1024 * 1024
const readCallsPerSecond = 5
const iteratorsPerSecond = 5

interface Allowances {
  readonly writeBytes: Allowance
  readonly writeRecords: Allowance
  readonly readBytes: Allowance
  readonly readCalls: Allowance
  readonly iterators: Allowance
}

/** AWS's rate quotas, shard by shard: what a second grants, no more of it saved up than one second's. */
export class ShardQuotas {
  readonly #clock: Clock
  readonly #shards = new WeakMap<Shard, Allowances>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a record of `bytes`, key and data, may be written now. */
  write(shard: Shard, bytes: number): boolean {
    const { writeBytes, writeRecords } = this.#of(shard)
    if (!writeBytes.left || !writeRecords.left) return false
    writeBytes.spend(bytes)
    writeRecords.spend(1)
    return true
  }

  /** Whether a page may be read now; `spendRead` says afterwards how large it was. */
  read(shard: Shard): boolean {
    const { readBytes, readCalls } = this.#of(shard)
    if (!readBytes.left || !readCalls.left) return false
    readCalls.spend(1)
    return true
  }

  /** Counts what a page had: one may have 10 MiB, which the next calls then wait for. */
  spendRead(shard: Shard, bytes: number): void {
    this.#of(shard).readBytes.spend(bytes)
  }

  /** Whether an iterator may be given out now. */
  iterator(shard: Shard): boolean {
    const { iterators } = this.#of(shard)
    if (!iterators.left) return false
    iterators.spend(1)
    return true
  }

  #of(shard: Shard): Allowances {
    let allowances = this.#shards.get(shard)
    if (allowances === undefined) {
      const allow = (perSecond: number) => new Allowance(perSecond, this.#clock)
      allowances = {
        writeBytes: allow(writeBytesPerSecond),
        writeRecords: allow(writeRecordsPerSecond),
        readBytes: allow(readBytesPerSecond),
        readCalls: allow(readCallsPerSecond),
        iterators: allow(iteratorsPerSecond),
      }
      this.#shards.set(shard, allowances)
    }
    return allowances
  }
}

/** So much a second. Whoever finds some left may take more than is there; the next ones wait until that is made up for. */
class Allowance {
  readonly #perSecond: number
  readonly #clock: Clock
  #level: number
  #at: number

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#level = perSecond
    this.#at = clock.now()
  }

  get left(): boolean {
    const now = this.#clock.now()
    this.#level = Math.min(this.#perSecond, this.#level + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    return this.#level >= 1
  }

  spend(amount: number): void {
    this.#level -= amount
  }
}
