/**
 * A matcher that is slow and plain, to check the fast one by: the pattern becomes a list of flat ones without $or, the event a list of
 * flat ones without arrays of objects, and one of these must fit one of those.
 */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Flat = Map<string, Json[]>

export function referenceMatches(pattern: Record<string, Json>, event: Json): boolean {
  const views = viewsOf(event)
  const everything = new Set(
    views.flatMap((view) => [...view].filter(([, values]) => values.length > 0).map(([path]) => path)),
  )
  return flatPatterns(pattern, '').some((flat) =>
    views.some((view) =>
      flat.every(([path, conditions]) =>
        conditions.some((condition) => {
          const values = view.get(path) ?? []
          if (isOperator(condition, 'exists')) return condition['exists'] ? values.length > 0 : !everything.has(path)
          return values.some((value) => satisfies(value, condition))
        }),
      ),
    ),
  )
}

function flatPatterns(pattern: Record<string, Json>, prefix: string): [string, Json[]][][] {
  let flats: [string, Json[]][][] = [[]]
  for (const [key, value] of Object.entries(pattern)) {
    const path = prefix === '' ? key : `${prefix}.${key}`
    let choices: [string, Json[]][][]
    if (key === '$or') choices = (value as Record<string, Json>[]).flatMap((each) => flatPatterns(each, prefix))
    else if (Array.isArray(value)) choices = [[[path, value]]]
    else choices = flatPatterns(value as Record<string, Json>, path)
    flats = flats.flatMap((flat) => choices.map((choice) => [...flat, ...choice]))
  }
  return flats
}

function viewsOf(value: Json, prefix = ''): Flat[] {
  if (Array.isArray(value)) {
    const objects = value.filter((each) => typeof each === 'object' && each !== null)
    const scalars = value.filter((each) => typeof each !== 'object' || each === null)
    const own: Flat = new Map([[prefix, scalars]])
    if (objects.length === 0) return [own]
    return objects.flatMap((each) => viewsOf(each, prefix)).map((view) => merged(own, view))
  }
  if (typeof value !== 'object' || value === null) return [new Map([[prefix, [value]]])]
  let views: Flat[] = [new Map()]
  for (const [key, each] of Object.entries(value)) {
    const inner = viewsOf(each, prefix === '' ? key : `${prefix}.${key}`)
    views = views.flatMap((view) => inner.map((other) => merged(view, other)))
  }
  return views
}

function merged(one: Flat, other: Flat): Flat {
  const both = new Map(one)
  for (const [path, values] of other) both.set(path, [...(both.get(path) ?? []), ...values])
  return both
}

function isOperator(value: Json, name: string): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && name in value
}

function satisfies(value: Json, condition: Json): boolean {
  if (typeof condition !== 'object' || condition === null) return value === condition
  const [name, argument] = Object.entries(condition)[0] as [string, Json]
  if (name === 'anything-but') return !refused(value, argument)
  if (name === 'numeric') return typeof value === 'number' && inRange(value, argument as (string | number)[])
  if (typeof value !== 'string') return false
  if (name === 'equals-ignore-case') return value.toLowerCase() === String(argument).toLowerCase()
  if (name === 'wildcard') return argument !== '' && wildcardExpression(String(argument)).test(value)
  const fold = typeof argument === 'object'
  const text = fold
    ? String((argument as { [key: string]: Json })['equals-ignore-case']).toLowerCase()
    : String(argument)
  const subject = fold ? value.toLowerCase() : value
  return name === 'prefix'
    ? subject.indexOf(text) === 0
    : subject.slice(Math.max(0, subject.length - text.length)) === text
}

function refused(value: Json, argument: Json): boolean {
  if (Array.isArray(argument)) return argument.includes(value)
  if (typeof argument !== 'object' || argument === null) return value === argument
  const [name, inner] = Object.entries(argument)[0] as [string, Json]
  return (Array.isArray(inner) ? inner : [inner]).some((each) => satisfies(value, { [name]: each }))
}

function inRange(value: number, terms: (string | number)[]): boolean {
  const checks: Record<string, (bound: number) => boolean> = {
    '=': (bound) => value === bound,
    '<': (bound) => value < bound,
    '<=': (bound) => value <= bound,
    '>': (bound) => value > bound,
    '>=': (bound) => value >= bound,
  }
  for (let i = 0; i < terms.length; i += 2) {
    if (!checks[String(terms[i])]?.(Number(terms[i + 1]))) return false
  }
  return true
}

function wildcardExpression(text: string): RegExp {
  const source = text.replace(/\\(.)|\*|./gs, (all, escaped: string | undefined) => {
    if (all === '*') return '.*'
    return (escaped ?? all).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
