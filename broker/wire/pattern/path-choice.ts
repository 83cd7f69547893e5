import type { Anchor, AnchorSet } from './anchors.ts'

interface Candidate {
  readonly path: string
  readonly names: readonly string[]
  /** How many patterns stand under each condition on it. */
  readonly counts: Map<string, number>
  patterns: number
}

/**
 * The paths to file patterns by, best first: that which leaves the fewest to look at and covers the most; then the same
 * for those that it does not cover.
 */
export function choosePaths(
  patterns: readonly { readonly anchors: readonly AnchorSet[] }[],
  used: readonly string[],
): Pick<Candidate, 'path' | 'names'>[] {
  const chosen: Candidate[] = []
  let left = patterns.map(({ anchors }) => anchors.filter((set) => isOnePath(set) && !used.includes(pathOf(set))))
  for (;;) {
    left = left.filter((sets) => sets.length > 0)
    const best = bestOf(left)
    if (best === undefined) return chosen
    chosen.push(best)
    left = left.filter((sets) => !sets.some((set) => pathOf(set) === best.path))
  }
}

function bestOf(patterns: readonly (readonly AnchorSet[])[]): Candidate | undefined {
  const candidates = new Map<string, Candidate>()
  for (const sets of patterns) {
    for (const set of sets) {
      const { path, names } = set[0] as Anchor
      let candidate = candidates.get(path)
      if (candidate === undefined) {
        candidate = { path, names, counts: new Map(), patterns: 0 }
        candidates.set(path, candidate)
      }
      candidate.patterns++
      for (const { handle } of set) {
        const name = handleName(handle)
        candidate.counts.set(name, (candidate.counts.get(name) ?? 0) + 1)
      }
    }
  }
  let best: Candidate | undefined
  for (const candidate of candidates.values()) {
    if (best === undefined || cost(candidate) < cost(best)) best = candidate
  }
  return best
}

/** How many patterns an event that meets one of them can expect to meet, per pattern covered. */
function cost({ counts, patterns }: Candidate): number {
  let squares = 0
  for (const count of counts.values()) squares += count * count
  return squares / patterns / patterns
}

function handleName(handle: Anchor['handle']): string {
  if (handle.by === 'interval') return `${handle.low} ${handle.high}`
  return handle.by === 'value' ? `${typeof handle.value} ${handle.value}` : `${handle.by} ${handle.text}`
}

function isOnePath(set: AnchorSet): boolean {
  return set.length > 0 && set.every((anchor) => anchor.path === set[0]?.path)
}

function pathOf(set: AnchorSet): string {
  return (set[0] as Anchor).path
}
