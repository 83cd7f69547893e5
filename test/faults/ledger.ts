import { createHash } from 'node:crypto'
import type { ReadRecord } from '../server/raw-streams.ts'

/** The data of record `number` of a lane: what it is can be told from its first bytes, and what it must be, from those. */
export function dataOf(lane: number, number: number): string {
  const name = `${lane}/${number}/`
  const digest = createHash('sha256').update(name).digest()
  return name + digest.toString('hex').repeat((digest[0] as number) >> 4)
}

interface Place {
  readonly stream: string
  readonly shard: number
  readonly sequence: number
}

interface Acknowledged extends Place {
  readonly lane: number
  readonly number: number
}

/**
 * What producers were promised and what consumers saw, all along, to be held against what is there in the end:
 *
 * - every acknowledged record is there, where it was said to be, with its bytes;
 * - each lane (a producer with one key) has its records once each, in order, without a hole;
 * - what any consumer ever saw is there, at its place, unchanged.
 */
export class Ledger {
  readonly #acknowledged: Acknowledged[] = []
  readonly #seen = new Map<string, string>()
  readonly violations: string[] = []

  get acknowledged(): number {
    return this.#acknowledged.length
  }

  get seen(): number {
    return this.#seen.size
  }

  /** A block's records were acknowledged: `count` of them from `number` on, from `sequence` on. */
  promised(lane: number, number: number, count: number, { stream, shard, sequence }: Place): void {
    for (let i = 0; i < count; i++) {
      this.#acknowledged.push({ lane, number: number + i, stream, shard, sequence: sequence + i })
    }
  }

  /** A consumer was sent a record. */
  saw(stream: string, { shard, sequence, data }: ReadRecord): void {
    const place = `${stream}/${shard}/${sequence}`
    const name = nameIn(data)
    if (name === undefined) this.violate(`${place} holds bytes that nobody sent: ${data.slice(0, 40)}`)
    const before = this.#seen.get(place)
    if (before === undefined) this.#seen.set(place, name ?? data)
    else if (before !== name) this.violate(`${place} was seen as ${before} and then as ${name}`)
  }

  violate(what: string): void {
    this.violations.push(what)
  }

  /** Holds it all against what a reader of everything got, in order, of each stream. */
  settle(contents: ReadonlyMap<string, readonly ReadRecord[]>): void {
    const stored = new Map<string, string>()
    for (const [stream, records] of contents) {
      for (const { shard, sequence, data } of records) {
        const place = `${stream}/${shard}/${sequence}`
        if (stored.has(place)) this.violate(`${place} is there twice`)
        stored.set(place, nameIn(data) ?? data)
      }
      this.#checkLanes(stream, records)
    }
    for (const { lane, number, stream, shard, sequence } of this.#acknowledged) {
      const place = `${stream}/${shard}/${sequence}`
      const found = stored.get(place)
      if (found === `${lane}/${number}`) continue
      this.violate(`${lane}/${number} was acknowledged at ${place}, which holds ${found ?? 'nothing'}`)
    }
    for (const [place, name] of this.#seen) {
      const found = stored.get(place)
      if (found !== name) this.violate(`${name} was seen at ${place}, which holds ${found ?? 'nothing'}`)
    }
  }

  /** A child's number is above its parents', so by number is in the order in which a lane moved through them. */
  #checkLanes(stream: string, records: readonly ReadRecord[]): void {
    const next = new Map<number, number>()
    for (const { data } of [...records].sort((a, b) => a.shard - b.shard || a.sequence - b.sequence)) {
      const name = nameIn(data)
      if (name === undefined) {
        this.violate(`${stream} holds bytes that nobody sent: ${data.slice(0, 40)}`)
        continue
      }
      const [lane, number] = name.split('/').map(Number) as [number, number]
      const expected = next.get(lane) ?? 0
      if (number !== expected)
        this.violate(`lane ${lane} in ${stream} goes on with ${number} where ${expected} is next`)
      next.set(lane, number + 1)
    }
  }
}

/** `LANE/NUMBER` when the data is what that record must be. */
function nameIn(data: string): string | undefined {
  const found = /^(\d+)\/(\d+)\//.exec(data)
  if (found === null || data !== dataOf(Number(found[1]), Number(found[2]))) return undefined
  return `${found[1]}/${found[2]}`
}
