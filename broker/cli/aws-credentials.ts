import { readFile } from 'node:fs/promises'
import { MillraceError } from '../wire/errors.ts'

const field = '--aws-credentials'

/**
 * Access key ids and secrets from what the command line says: `ID:SECRET`, or `@FILE` with one a line; lines that are empty or begin
 * with # are skipped.
 * @throws invalid_field
 */
export async function readCredentials(
  given: readonly string[] | undefined,
): Promise<Record<string, string> | undefined> {
  if (given === undefined) return undefined
  const lines = await Promise.all(given.map((each) => (each.startsWith('@') ? linesOf(each.slice(1)) : [each])))
  return Object.fromEntries(lines.flat().map(pairIn))
}

async function linesOf(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim())
    return lines.filter((line) => line !== '' && !line.startsWith('#'))
  } catch (cause) {
    const reason = `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new MillraceError('invalid_field', { field, reason }, cause)
  }
}

function pairIn(text: string): [string, string] {
  const at = text.indexOf(':')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw new MillraceError('invalid_field', { field, reason: 'must be ID:SECRET or @FILE' })
}
