/** A value that is no object and no array: what the operators of a pattern look at. */
export type Scalar = string | number | boolean | null

/** One condition on the values of a field; conditions of a field are alternatives. */
export interface Test {
  matches(value: Scalar): boolean
  /** By what an index finds it, given a value. */
  readonly handle: Handle
}

/**
 * How an index finds a condition: by the value itself, by the beginning or end of a string (`fold` ignores case), by an interval of
 * numbers; or not at all, because most values satisfy it.
 */
export type Handle =
  | { readonly by: 'value'; readonly value: Scalar }
  | { readonly by: 'prefix' | 'suffix'; readonly text: string; readonly fold: boolean }
  | { readonly by: 'folded'; readonly text: string }
  | { readonly by: 'interval'; readonly low: number; readonly high: number }
  | { readonly by: 'any' }

/** What a pattern asks of one field. */
export interface Leaf {
  /** The way to the field from the event's root. */
  readonly path: readonly string[]
  readonly tests: readonly Test[]
  /** Whether any value at all will do (`exists: true`). */
  readonly present: boolean
  /** Whether a missing field will do (`exists: false`). */
  readonly absent: boolean
}

/** What a pattern asks of an object: of its fields, all of them; and of each group of alternatives (`$or`), one. */
export interface PatternNode {
  readonly fields: ReadonlyMap<string, PatternField>
  readonly alternatives: readonly (readonly PatternNode[])[]
}

/** A field may be asked for by several keys, as `a.b` and as `b` in `a`: then all must hold. */
export interface PatternField {
  readonly leaves: readonly Leaf[]
  readonly node: PatternNode | undefined
}
