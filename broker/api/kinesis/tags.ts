import type { AwsError } from '../../wire/aws-error.ts'
import { invalidArgument } from './errors.ts'

/** Tags of a stream or consumer. */
export const tagsMax = 50

type Tags = Readonly<Record<string, string>>

/** Unicode letters, digits, white space and _ . / = + - % @, as AWS words it; the colon is in it, as AWS's own tags show. */
const allowed = /^[\p{L}\p{N}\p{M}\p{Z}\s_.:/=+\-@]*$/u

/**
 * `tags` on top of `existing`.
 * @throws AwsError InvalidArgumentException
 */
export function withTags(existing: Tags, tags: Tags, what: string): Tags {
  requireCharacters([...Object.keys(tags), ...Object.values(tags)])
  const all = { ...existing, ...tags }
  if (Object.keys(all).length > tagsMax) {
    throw invalidArgument(
      `Failed to add tags to ${what} because a given stream cannot have more than ${tagsMax} tags associated with it.`,
    )
  }
  return all
}

/** `existing` without `keys`. */
export function withoutTags(existing: Tags, keys: readonly string[]): Tags {
  requireCharacters(keys)
  return Object.fromEntries(Object.entries(existing).filter(([key]) => !keys.includes(key)))
}

/** As answers list them, in the order of their keys. */
export function tagList(tags: Tags): { readonly Key: string; readonly Value: string }[] {
  const sorted = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([Key, Value]) => ({ Key, Value }))
}

function requireCharacters(texts: readonly string[]): void {
  if (!texts.every((text) => allowed.test(text))) throw invalidCharacters()
}

function invalidCharacters(): AwsError {
  return invalidArgument(
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
  )
}
