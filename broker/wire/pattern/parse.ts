import { invalid } from './invalid.ts'
import { operators, type ParseTest } from './operators.ts'
import type { Leaf, PatternField, PatternNode, Scalar, Test } from './tree.ts'
import { valueTest } from './value-test.ts'

/** Which operators a dialect of the language has; the rest is the same in all of them. */
export interface Dialect {
  readonly operators: ReadonlyMap<string, ParseTest>
  /** Levels of objects in one another. */
  readonly depthMax: number
}

/** EventBridge's rules: everything. */
export const eventBridge: Dialect = { operators, depthMax: 100 }

/** Filter criteria of event source mappings. */
export const lambdaFilter: Dialect = eventBridge

/** SNS filter policies: no wildcards, which SNS does not document. */
export const snsFilter: Dialect = {
  operators: new Map([...operators].filter(([name]) => name !== 'wildcard')),
  depthMax: 100,
}

/** How many combinations of alternatives one pattern may ask for. */
const combinationsMax = 1_000

/**
 * @throws pattern_invalid
 */
export function parsePattern(source: unknown, dialect: Dialect): PatternNode {
  const value = typeof source === 'string' ? read(source) : source
  if (!isObject(value)) throw invalid('Filter is not an object')
  const node = new Parser(dialect).node(value, [])
  if (combinations(node) > combinationsMax) {
    throw invalid(`Rule is too complex - it has more than ${combinationsMax} combinations of $or`)
  }
  return node
}

function read(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

class Parser {
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  node(value: Record<string, unknown>, path: readonly string[]): PatternNode {
    if (path.length > this.#dialect.depthMax)
      throw invalid(`Objects are nested more than ${this.#dialect.depthMax} deep`)
    const entries = Object.entries(value)
    if (entries.length === 0) throw invalid('Empty objects are not allowed')
    const builder = new NodeBuilder()
    for (const [key, each] of entries) {
      if (key === '$or' && this.#isAlternatives(each)) {
        builder.alternatives.push(each.map((alternative) => this.node(alternative, path)))
      } else {
        this.#field(builder, key, key.split('.'), each, path)
      }
    }
    return builder.build()
  }

  /** `$or` is a word of the language only where it can be; an event may have a field of that name. */
  #isAlternatives(value: unknown): value is Record<string, unknown>[] {
    if (!Array.isArray(value) || value.length < 2) return false
    return value.every(
      (each) =>
        isObject(each) && !Object.keys(each).some((key) => this.#dialect.operators.has(key) || key === 'exists'),
    )
  }

  #field(builder: NodeBuilder, key: string, names: readonly string[], value: unknown, path: readonly string[]): void {
    const full = [...path, ...names]
    if (Array.isArray(value)) builder.addLeaf(names, this.#leaf(value, full))
    else if (isObject(value)) builder.addNode(names, this.node(value, full))
    else throw invalid(`"${key}" must be an object or an array`)
  }

  #leaf(values: readonly unknown[], path: readonly string[]): Leaf {
    if (values.length === 0) throw invalid('Empty arrays are not allowed')
    const tests: Test[] = []
    let present = false
    let absent = false
    for (const value of values) {
      if (isScalar(value)) {
        tests.push(valueTest(value))
        continue
      }
      const [name, argument] = this.#operatorIn(value)
      if (name === 'exists') {
        if (typeof argument !== 'boolean') throw invalid('exists match pattern must be either true or false.')
        if (argument) present = true
        else absent = true
        continue
      }
      const parse = this.#dialect.operators.get(name)
      if (parse === undefined) throw invalid(`Unrecognized match type ${name}`)
      tests.push(parse(argument))
    }
    return { path, tests, present, absent }
  }

  #operatorIn(value: unknown): [string, unknown] {
    if (!isObject(value)) throw invalid('Match value must be String, number, true, false, or null')
    const entries = Object.entries(value)
    if (entries.length !== 1) {
      throw invalid(entries.length === 0 ? 'Empty objects are not allowed' : 'Only one key allowed in match expression')
    }
    return entries[0] as [string, unknown]
  }
}

/** Puts a node together from keys that may be dotted, and may go the same way for a while. */
class NodeBuilder {
  readonly alternatives: PatternNode[][] = []
  readonly #fields = new Map<string, { leaves: Leaf[]; nodes: PatternNode[] }>()

  addLeaf(names: readonly string[], leaf: Leaf): void {
    const [name, ...rest] = names as [string, ...string[]]
    if (rest.length === 0) this.#field(name).leaves.push(leaf)
    else this.#field(name).nodes.push(chain(rest, { leaves: [leaf], node: undefined }))
  }

  addNode(names: readonly string[], node: PatternNode): void {
    const [name, ...rest] = names as [string, ...string[]]
    this.#field(name).nodes.push(rest.length === 0 ? node : chain(rest, { leaves: [], node }))
  }

  build(): PatternNode {
    const fields = new Map<string, PatternField>()
    for (const [name, { leaves, nodes }] of this.#fields) fields.set(name, { leaves, node: joined(nodes) })
    return { fields, alternatives: this.alternatives }
  }

  #field(name: string): { leaves: Leaf[]; nodes: PatternNode[] } {
    let field = this.#fields.get(name)
    if (field === undefined) {
      field = { leaves: [], nodes: [] }
      this.#fields.set(name, field)
    }
    return field
  }
}

/** The node that leads along `names` to `end`. */
function chain(names: readonly string[], end: PatternField): PatternNode {
  const last = { fields: new Map([[names.at(-1) as string, end]]), alternatives: [] }
  return names
    .slice(0, -1)
    .reduceRight<PatternNode>(
      (node, name) => ({ fields: new Map([[name, { leaves: [], node }]]), alternatives: [] }),
      last,
    )
}

/** One node that asks for what all of `nodes` ask for. */
function joined(nodes: readonly PatternNode[]): PatternNode | undefined {
  if (nodes.length <= 1) return nodes[0]
  const fields = new Map<string, PatternField>()
  for (const node of nodes) {
    for (const [name, field] of node.fields) {
      const there = fields.get(name)
      if (there === undefined) fields.set(name, field)
      else {
        const both = [there.node, field.node].filter((each) => each !== undefined)
        fields.set(name, { leaves: [...there.leaves, ...field.leaves], node: joined(both) })
      }
    }
  }
  return { fields, alternatives: nodes.flatMap((node) => node.alternatives) }
}

function combinations(node: PatternNode): number {
  let product = 1
  for (const { node: inner } of node.fields.values()) if (inner !== undefined) product *= combinations(inner)
  for (const group of node.alternatives) product *= group.reduce((sum, each) => sum + combinations(each), 0)
  return product
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
