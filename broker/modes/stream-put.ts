import type { GatherSink } from '../log/gatherer.ts'
import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import type { Shard } from '../log/shard.ts'
import type { MillraceError } from '../wire/errors.ts'
import { hashOfInteger } from '../wire/hash-range.ts'

/** A record to put, of which key and size were checked; `hashKey` overrides the hash of the key. */
export interface LooseRecord {
  readonly key: string
  readonly data: Uint8Array
  readonly hashKey?: bigint | undefined
}

/** Where a record that was put is. */
export interface Placed {
  readonly shard: Shard
  readonly sequence: number
  readonly time: number
}

/**
 * Puts records that came without a block of their own. They share blocks with all else that arrives for the same shards in
 * this turn (see Gatherer). Resolves, in the order given, when each is durable or failed. Records for a shard that is being split or merged go to
 * its children.
 */
export function gatherRecords(
  logs: Logs,
  log: Log,
  records: readonly LooseRecord[],
): Promise<(Placed | MillraceError)[]> {
  return new Promise((resolve) => new Put(logs, log, records, resolve).begin())
}

class Put implements GatherSink {
  readonly #logs: Logs
  readonly #log: Log
  readonly #records: readonly LooseRecord[]
  readonly #resolve: (results: (Placed | MillraceError)[]) => void
  readonly #results: (Placed | MillraceError)[]
  #left = 0
  /** Places whose shard was closed before they were stored. */
  #homeless: number[] = []

  constructor(
    logs: Logs,
    log: Log,
    records: readonly LooseRecord[],
    resolve: (results: (Placed | MillraceError)[]) => void,
  ) {
    this.#logs = logs
    this.#log = log
    this.#records = records
    this.#resolve = resolve
    this.#results = new Array(records.length)
  }

  begin(): void {
    this.#add(Array.from(this.#records.keys()))
  }

  stored(place: number, shard: Shard, sequence: number, time: number): void {
    this.#results[place] = { shard, sequence, time }
    this.#settled()
  }

  failed(place: number, error: MillraceError): void {
    if (error.code === 'shard_closed') this.#homeless.push(place)
    this.#results[place] = error
    this.#settled()
  }

  #add(places: readonly number[]): void {
    let bytes = 0
    for (const { key, data } of this.#records) bytes += data.length + key.length + 16
    // Keys do not fall evenly; a third more than the average holds most of what a shard gets.
    const expectedBytes = Math.ceil((bytes / this.#log.openShards.length) * 1.33)
    // One for the loop itself, since the first of them may fail before the last is given in.
    this.#left = places.length + 1
    for (const place of places) {
      const { key, data, hashKey } = this.#records[place] as LooseRecord
      const shard = hashKey === undefined ? this.#log.ofKey(key) : this.#log.router.ofHash(hashOfInteger(hashKey))
      this.#logs.gatherer.add(shard, key, data, this, place, expectedBytes)
    }
    this.#settled()
  }

  #settled(): void {
    if (--this.#left > 0) return
    const homeless = this.#homeless
    this.#homeless = []
    // By the time a shard says that it is closed its children are there to be found.
    if (homeless.length > 0) this.#add(homeless)
    else this.#resolve(this.#results)
  }
}
