import { randomBytes } from 'node:crypto'
import { pointedAt, type TextOf } from './pointer.ts'

/** The key of each line: what a JSON pointer finds in it, the same text for all, or one of its own, which spreads them evenly. */
export function keyFrom({ key, keyText }: { readonly key?: string; readonly keyText?: string }): TextOf {
  if (keyText !== undefined) return () => keyText
  return key === undefined ? uniqueKeys() : pointedAt(key)
}

function uniqueKeys(): TextOf {
  const prefix = randomBytes(6).toString('base64url')
  let lines = 0
  return () => `${prefix}-${lines++}`
}
