/** Who nests deeper than this does not mean to be understood. */
const depthMax = 1_000

/**
 * The event with dotted keys taken apart: `{"a.b": 1}` means what `{"a": {"b": 1}}` means to a pattern. Most events have no such
 * key and are returned as they are. One that is nested more than 1,000 deep counts as empty: undefined.
 */
export function undotted(event: unknown): unknown {
  const shape = shapeOf(event, 0)
  if (shape === 'deep') return undefined
  return shape === 'dotted' ? rebuilt(event) : event
}

function shapeOf(value: unknown, depth: number): 'plain' | 'dotted' | 'deep' {
  if (typeof value !== 'object' || value === null) return 'plain'
  if (depth > depthMax) return 'deep'
  let shape: 'plain' | 'dotted' = 'plain'
  for (const key in value) {
    if (!Array.isArray(value) && key.includes('.')) shape = 'dotted'
    const inner = shapeOf((value as Record<string, unknown>)[key], depth + 1)
    if (inner === 'deep') return inner
    if (inner === 'dotted') shape = inner
  }
  return shape
}

function rebuilt(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(rebuilt)
  const target = emptyObject()
  for (const [key, each] of Object.entries(value)) put(target, key.split('.'), rebuilt(each))
  return target
}

/** Without a prototype: an event's keys may be `__proto__` or `constructor`. */
function emptyObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

/** Of two keys that mean the same place, objects are joined, and otherwise the later one counts. */
function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = target
  for (const name of path.slice(0, -1)) {
    const next = at[name]
    if (isPlain(next)) {
      at = next
    } else {
      const made = emptyObject()
      at[name] = made
      at = made
    }
  }
  const last = path.at(-1) as string
  const there = at[last]
  if (isPlain(there) && isPlain(value)) for (const [key, each] of Object.entries(value)) put(there, [key], each)
  else at[last] = value
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
