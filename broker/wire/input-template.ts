/**
 * The template of an input transformer: text with `<names>` in it. What stands for a name is written as JSON, or, between quotation marks, as
 * text (docs.aws.amazon.com/eventbridge, "Input transformation").
 */
export class InputTemplate {
  readonly #parts: readonly Part[]
  /** Whether strings outside quotation marks are written with some: the whole is JSON, or lines of JSON. */
  readonly #isJson: boolean

  constructor(source: string) {
    this.#parts = partsOf(source)
    this.#isJson = /^\s*(?:[{["]|<[\w.-]+>\s*$)/.test(source)
  }

  /** The names it has, each once. */
  get names(): ReadonlySet<string> {
    return new Set(this.#parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name])))
  }

  /** The text with what `valueFor` says for each name; nothing is as good as an empty string. */
  fill(valueFor: (name: string) => unknown): string {
    let text = ''
    for (const part of this.#parts) {
      if (typeof part === 'string') text += part
      else text += part.quoted ? quotedText(valueFor(part.name)) : this.#plain(valueFor(part.name))
    }
    return text
  }

  #plain(value: unknown = ''): string {
    return typeof value === 'string' && !this.#isJson ? value : JSON.stringify(value)
  }
}

type Part = string | { readonly name: string; readonly quoted: boolean }

/** Between quotation marks; of an object or an array its JSON, without the quotation marks that would end the string. */
function quotedText(value: unknown = ''): string {
  if (typeof value === 'string') return JSON.stringify(value).slice(1, -1)
  return JSON.stringify(value).replace(/\\?"/g, '')
}

function partsOf(source: string): Part[] {
  const parts: Part[] = []
  let quoted = false
  let at = 0
  for (const match of source.matchAll(/<([\w.-]+)>/g)) {
    const text = source.slice(at, match.index)
    // An even number of them leaves things as they were; one behind a backslash is a character like any other.
    if (text.replace(/\\./g, '').split('"').length % 2 === 0) quoted = !quoted
    parts.push(text, { name: match[1] as string, quoted })
    at = match.index + match[0].length
  }
  parts.push(source.slice(at))
  return parts
}
