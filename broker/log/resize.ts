import { evenRanges, type HashRange } from '../wire/hash-range.ts'
import { type Log, shardRecord } from './log.ts'
import type { Shard, ShardRecord } from './shard.ts'

/** A piece of the hash space on its way to what it will be: an open shard, or one made on the way. */
interface Piece {
  readonly shard: number
  readonly range: HashRange
}

/** What has to be done: `parents` are closed, `children` are new, some of them closed at once because others come of them. */
export interface ResizePlan {
  readonly parents: Shard[]
  readonly children: ShardRecord[]
}

/**
 * How to get from the open shards of `log` to `count` of equal width with nothing but what AWS has too: splits in two and merges of two neighbours. Each
 * shard is cut at the new borders that lie in it, then what belongs to the same new range is merged. A shard that is what it will be stays.
 */
export function planResize(log: Log, count: number, now: number): ResizePlan {
  const plan = new Plan(log.nextShard, now)
  const open = log.openShards.sort((a, b) => (a.range.start < b.range.start ? -1 : 1))
  const targets = evenRanges(count)
  // Both are in order and cover the same space: one walk along both.
  const pieces: Piece[] = []
  let next = 0
  for (const { number: shard, range } of open) {
    const cuts: bigint[] = []
    for (; next < targets.length && (targets[next] as HashRange).start <= range.end; next++) {
      const { start } = targets[next] as HashRange
      if (start > range.start) cuts.push(start)
    }
    pieces.push(...plan.cut({ shard, range }, cuts))
  }
  let joined = 0
  for (const target of targets) {
    const from = joined
    while (joined < pieces.length && (pieces[joined] as Piece).range.end <= target.end) joined++
    plan.join(pieces.slice(from, joined))
  }
  return { parents: open.filter((shard) => plan.closed.has(shard.number)), children: [...plan.children.values()] }
}

class Plan {
  readonly children = new Map<number, ShardRecord>()
  readonly closed = new Set<number>()
  readonly #now: number
  #next: number

  constructor(nextShard: number, now: number) {
    this.#next = nextShard
    this.#now = now
  }

  /** Splits `piece` at `cuts`, from the left to the right. */
  cut(piece: Piece, cuts: readonly bigint[]): Piece[] {
    const pieces: Piece[] = []
    let rest = piece
    for (const at of cuts) {
      this.#close(rest)
      pieces.push(this.#open([rest], { start: rest.range.start, end: at - 1n }))
      rest = this.#open([rest], { start: at, end: rest.range.end })
    }
    return [...pieces, rest]
  }

  /** Merges neighbours into one, from the left to the right. */
  join(pieces: readonly Piece[]): void {
    pieces.reduce((left, right) => {
      this.#close(left)
      this.#close(right)
      return this.#open([left, right], { start: left.range.start, end: right.range.end })
    })
  }

  #open(parents: readonly Piece[], range: HashRange): Piece {
    const shard = this.#next++
    const record = shardRecord(
      shard,
      parents.map((parent) => parent.shard),
      range,
      this.#now,
    )
    this.children.set(shard, record)
    return { shard, range }
  }

  #close({ shard }: Piece): void {
    const child = this.children.get(shard)
    if (child === undefined) this.closed.add(shard)
    else this.children.set(shard, { ...child, closedAt: this.#now })
  }
}
