import { InvalidArgumentError } from 'commander'
import jsonPointer from 'jsonpointer'

/** Gives a line a text, such as its partition key, or throws an Error that says why it has none. */
export type TextOf = (line: Uint8Array) => string

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** For options: a JSON pointer (RFC 6901) that names something within a line. */
export function pointerArgument(text: string): string {
  if (text.startsWith('/')) return text
  throw new InvalidArgumentError(`Give a JSON pointer: it begins with a slash, such as /${text || 'user/id'}.`)
}

/** What the JSON pointer `path` finds in each line. */
export function pointedAt(path: string): TextOf {
  const pointer = jsonPointer.compile(path)
  return (line) => {
    const value = parse(line)
    const found: unknown = typeof value === 'object' && value !== null ? pointer.get(value) : undefined
    if (typeof found === 'string' && found !== '') return found
    if (typeof found === 'number' || typeof found === 'boolean') return `${found}`
    throw new Error(`has no text or number at ${path}`)
  }
}

function parse(line: Uint8Array): unknown {
  let text: string
  try {
    text = utf8.decode(line)
  } catch {
    throw new Error('is not UTF-8 text')
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`is not JSON: ${(cause as Error).message}`, { cause })
  }
}
