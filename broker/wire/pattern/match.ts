import type { Leaf, PatternField, PatternNode, Scalar } from './tree.ts'

/** Whether an event, without dotted keys, is what the pattern under `root` asks for. */
export function isMatching(root: PatternNode, event: unknown): boolean {
  return matchesNode(root, event, event)
}

/**
 * Of an array, one element must have all that is asked of its fields together: two halves of a match in two elements are none. Anything
 * but an object has no fields, which is fine for a pattern that asks for missing ones only.
 */
function matchesNode(node: PatternNode, value: unknown, event: unknown): boolean {
  if (Array.isArray(value)) {
    let objects = false
    for (const each of value) {
      if (typeof each !== 'object' || each === null) continue
      objects = true
      if (matchesNode(node, each, event)) return true
    }
    return !objects && matchesFields(node, undefined, event)
  }
  return matchesFields(node, typeof value === 'object' && value !== null ? value : undefined, event)
}

function matchesFields(node: PatternNode, object: object | undefined, event: unknown): boolean {
  for (const [name, field] of node.fields) {
    const value =
      object !== undefined && Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined
    if (!matchesField(field, value, event)) return false
  }
  for (const group of node.alternatives) {
    if (!group.some((alternative) => matchesFields(alternative, object, event))) return false
  }
  return true
}

function matchesField({ leaves, node }: PatternField, value: unknown, event: unknown): boolean {
  for (const leaf of leaves) if (!matchesLeaf(leaf, value, event)) return false
  return node === undefined || matchesNode(node, value, event)
}

function matchesLeaf(leaf: Leaf, value: unknown, event: unknown): boolean {
  if (hasValue(leaf, value)) return true
  // Missing means missing in the whole event, not just in this element of an array.
  return leaf.absent && !isThere(event, leaf.path, 0)
}

/** Whether the value, or one of an array, is wanted. An object is no value. */
function hasValue(leaf: Leaf, value: unknown): boolean {
  if (value === undefined) return false
  if (Array.isArray(value)) return value.some((each) => hasValue(leaf, each))
  if (typeof value === 'object' && value !== null) return false
  if (leaf.present) return true
  for (const test of leaf.tests) if (test.matches(value as Scalar)) return true
  return false
}

/** Whether there is any value at `path`. An empty array has none, an object is none. */
function isThere(value: unknown, path: readonly string[], at: number): boolean {
  if (Array.isArray(value)) return value.some((each) => isThere(each, path, at))
  if (typeof value !== 'object' || value === null) return at === path.length && value !== undefined
  const name = path[at]
  if (name === undefined || !Object.hasOwn(value, name)) return false
  return isThere((value as Record<string, unknown>)[name], path, at + 1)
}
