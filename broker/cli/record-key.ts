import { randomBytes } from 'node:crypto'
import { InvalidArgumentError } from 'commander'
import jsonPointer from 'jsonpointer'

/** Gives a line its partition key, or throws an Error that says why it has none. */
export type KeyOf = (line: Uint8Array) => string

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** For `--key`. */
export function pointerArgument(text: string): string {
  if (text.startsWith('/')) return text
  throw new InvalidArgumentError(`Give a JSON pointer: it begins with a slash, such as /${text || 'user/id'}.`)
}

/** The key of each line: what a JSON pointer finds in it, the same text for all, or one of its own, which spreads them evenly. */
export function keyFrom({ key, keyText }: { readonly key?: string; readonly keyText?: string }): KeyOf {
  if (keyText !== undefined) return () => keyText
  if (key === undefined) return uniqueKeys()
  const pointer = jsonPointer.compile(key)
  return (line) => textAt(pointer, key, line)
}

function uniqueKeys(): KeyOf {
  const prefix = randomBytes(6).toString('base64url')
  let lines = 0
  return () => `${prefix}-${lines++}`
}

function textAt(pointer: { get(value: object): unknown }, path: string, line: Uint8Array): string {
  const value = parse(line)
  const found = typeof value === 'object' && value !== null ? pointer.get(value) : undefined
  if (typeof found === 'string' && found !== '') return found
  if (typeof found === 'number' || typeof found === 'boolean') return `${found}`
  throw new Error(`has no text or number at ${path}`)
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
