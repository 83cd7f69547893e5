import { createHash } from 'node:crypto'

/**
 * Tokens that hold all there is to know, so that nothing is kept of them and a restart does not matter: JSON behind a sum, in
 * base64. The sum finds what was cut, mistyped or made up; it is no secret.
 */
const sumBytes = 12

/** What a token is for; one kind is never taken for another. */
export type TokenKind = 'iterator' | 'shards' | 'consumers'

export function sealToken(kind: TokenKind, content: object): string {
  const text = Buffer.from(JSON.stringify(content))
  return Buffer.concat([sumOf(kind, text), text]).toString('base64')
}

/** What was sealed; undefined when the token is not one of this kind. */
export function openToken<T>(kind: TokenKind, token: string): T | undefined {
  const bytes = Buffer.from(token, 'base64')
  const text = bytes.subarray(sumBytes)
  if (bytes.toString('base64') !== token || !sumOf(kind, text).equals(bytes.subarray(0, sumBytes))) return undefined
  return JSON.parse(text.toString()) as T
}

function sumOf(kind: TokenKind, text: Uint8Array): Buffer {
  return createHash('sha256').update(`millrace ${kind} 1`).update(text).digest().subarray(0, sumBytes)
}
