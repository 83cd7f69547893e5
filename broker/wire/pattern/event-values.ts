import type { Scalar } from './tree.ts'
import { undotted } from './undotted.ts'

const none: readonly Scalar[] = []

/** An event, and the values at the paths that were asked for, each looked up once. */
export class EventValues {
  readonly event: unknown
  readonly #values = new Map<string, readonly Scalar[]>()

  constructor(event: unknown) {
    this.event = undotted(event)
  }

  /** All values at a path, through arrays; `path` is `names` joined. */
  at(path: string, names: readonly string[]): readonly Scalar[] {
    let values = this.#values.get(path)
    if (values === undefined) {
      const found: Scalar[] = []
      collect(this.event, names, 0, found)
      values = found.length === 0 ? none : found
      this.#values.set(path, values)
    }
    return values
  }
}

function collect(value: unknown, names: readonly string[], at: number, found: Scalar[]): void {
  if (Array.isArray(value)) {
    for (const each of value) collect(each, names, at, found)
  } else if (typeof value !== 'object' || value === null) {
    if (at === names.length && value !== undefined) found.push(value as Scalar)
  } else {
    const name = names[at]
    if (name !== undefined && Object.hasOwn(value, name)) {
      collect((value as Record<string, unknown>)[name], names, at + 1, found)
    }
  }
}
