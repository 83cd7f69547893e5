import { Pattern } from '../broker/wire/pattern.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The filter criteria of a binding: whether a record or message is wanted by any of the patterns. */
export class RecordFilter {
  readonly #patterns: readonly { readonly pattern: Pattern; readonly of: 'object' | 'text' | 'none' }[]
  readonly #field: 'data' | 'body'

  /** `field` is what the content is called in patterns. */
  constructor(sources: readonly string[], field: 'data' | 'body') {
    this.#field = field
    this.#patterns = sources.map((source) => ({ pattern: Pattern.compile(source), of: aspectOf(source, field) }))
  }

  /** A pattern for an object takes no text, and one for text no object. `around` is what else patterns may look at. */
  wants(bytes: Uint8Array, around: object): boolean {
    if (this.#patterns.length === 0) return true
    const content = contentOf(bytes)
    const event = { ...around, [this.#field]: content }
    return this.#patterns.some(({ pattern, of }) => {
      if (of === 'object' && (typeof content !== 'object' || content === null)) return false
      if (of === 'text' && typeof content === 'object') return false
      return pattern.matches(event)
    })
  }
}

function aspectOf(source: string, field: string): 'object' | 'text' | 'none' {
  const content = (JSON.parse(source) as Record<string, unknown>)[field]
  if (content === undefined) return 'none'
  return Array.isArray(content) ? 'text' : 'object'
}

/** The content as JSON, or as text; undefined when it is neither. */
function contentOf(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    // Bytes that are no text match nothing that looks at them.
    return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
