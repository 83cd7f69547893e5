/**
 * The part of JSONPath that EventBridge takes: `$`, names behind dots, and in brackets names in quotes, indexes and `*`. So `$.detail.items[0].id`
 * and `$.detail['a b']` (docs.aws.amazon.com/eventbridge, "JSON path syntax").
 */
export class JsonPath {
  readonly source: string
  readonly #steps: readonly Step[]
  /** Whether it may find several values. */
  readonly many: boolean

  private constructor(source: string, steps: readonly Step[]) {
    this.source = source
    this.#steps = steps
    this.many = steps.includes('*')
  }

  /** Undefined when `source` is no such path. */
  static parse(source: string): JsonPath | undefined {
    if (!source.startsWith('$')) return undefined
    const steps: Step[] = []
    let rest = source.slice(1)
    while (rest !== '') {
      const [all, name, quoted, doubled, index, star] = stepPattern.exec(rest) ?? []
      if (all === undefined) return undefined
      const text = name ?? quoted ?? doubled
      if (index !== undefined) steps.push(Number(index))
      else steps.push(star !== undefined || name === '*' ? '*' : { name: text as string })
      rest = rest.slice(all.length)
    }
    return new JsonPath(source, steps)
  }

  /** What it finds in `value`: undefined when there is nothing, an array where it may find several. */
  find(value: unknown): unknown {
    const found = this.#follow([value], 0)
    return this.many ? found : found[0]
  }

  #follow(values: readonly unknown[], at: number): readonly unknown[] {
    const step = this.#steps[at]
    if (step === undefined) return values
    return this.#follow(
      values.flatMap((each) => taken(each, step)),
      at + 1,
    )
  }
}

/** A name, an index, or all there are. */
type Step = { readonly name: string } | number | '*'

const stepPattern = /^(?:\.([\p{L}\p{N}_-]+|\*)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d{1,9})\]|\[(\*)\])/u

function taken(value: unknown, step: Step): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (step === '*') return Object.values(value)
  const key = typeof step === 'number' ? step : step.name
  if (Array.isArray(value) !== (typeof step === 'number') || !Object.hasOwn(value, key)) return []
  return [(value as Record<string | number, unknown>)[key]]
}
