import { invalidParameter, invalidValue } from './errors.ts'

const resultsMax = 1_000

/**
 * A page of `names`, which are in order. Without `max` there is one page, of 1,000.
 * @throws AwsError InvalidParameterValueException
 */
export function pageOf(
  names: readonly string[],
  max: number | undefined,
  token: string | undefined,
): { page: readonly string[]; next: string | undefined } {
  if (max !== undefined && (max < 1 || max > resultsMax)) {
    throw invalidValue(max, 'MaxResults', 'MaxResults must be an integer between 1 and 1000')
  }
  const after = token === undefined ? '' : nameIn(token)
  const rest = names.filter((name) => name > after)
  const page = rest.slice(0, max ?? resultsMax)
  const last = page.at(-1)
  const more = max !== undefined && rest.length > page.length && last !== undefined
  return { page, next: more ? Buffer.from(last).toString('base64url') : undefined }
}

function nameIn(token: string): string {
  const name = /^[A-Za-z0-9_-]{1,200}$/.test(token) ? Buffer.from(token, 'base64url').toString() : ''
  if (name === '') throw invalidParameter('Invalid or expired next token.')
  return name
}
