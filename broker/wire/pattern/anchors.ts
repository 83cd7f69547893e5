import type { Handle, Leaf, PatternNode } from './tree.ts'

/** A condition that a pattern can be filed under. */
export interface Anchor {
  /** The field's path, its names joined. */
  readonly path: string
  readonly names: readonly string[]
  readonly handle: Exclude<Handle, { by: 'any' }>
}

/** Of these conditions at least one holds in every event that matches. */
export type AnchorSet = readonly Anchor[]

/** More places than this are not worth it. */
const placesMax = 64

/** All sets of conditions that a pattern could be filed under. */
export function anchorsOf(node: PatternNode): AnchorSet[] {
  const sets: AnchorSet[] = []
  for (const { leaves, node: inner } of node.fields.values()) {
    for (const leaf of leaves) {
      const set = anchorsOfLeaf(leaf)
      if (set !== undefined) sets.push(set)
    }
    if (inner !== undefined) sets.push(...anchorsOf(inner))
  }
  for (const group of node.alternatives) {
    const each = group.map((alternative) => smallest(anchorsOf(alternative)))
    if (each.every((set) => set !== undefined)) sets.push(each.flat())
  }
  return sets.filter((set) => set.length <= placesMax)
}

function anchorsOfLeaf({ path: names, tests, present, absent }: Leaf): AnchorSet | undefined {
  if (present || absent) return undefined
  const path = names.join('.')
  const set: Anchor[] = []
  for (const { handle } of tests) {
    if (handle.by === 'any') return undefined
    set.push({ path, names, handle })
  }
  return set
}

function smallest(sets: readonly AnchorSet[]): AnchorSet | undefined {
  return sets.reduce<AnchorSet | undefined>((best, set) => (best && best.length <= set.length ? best : set), undefined)
}
