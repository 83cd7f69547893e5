import { invalid } from './errors.ts'

/** A page of names that are in order; its token is the last name of the page before, in base64. */
export function pageOf(
  names: readonly string[],
  { MaxResults = 100, NextToken }: { readonly MaxResults?: number; readonly NextToken?: string },
): { readonly page: readonly string[]; readonly next: string | undefined } {
  const after = NextToken === undefined ? undefined : nameIn(NextToken)
  const from = after === undefined ? 0 : names.findIndex((name) => name > after)
  const page = from < 0 ? [] : names.slice(from, from + MaxResults)
  const last = page.at(-1)
  const more = last !== undefined && from + page.length < names.length
  return { page, next: more ? Buffer.from(last).toString('base64url') : undefined }
}

function nameIn(token: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(token)) return Buffer.from(token, 'base64url').toString()
  throw invalid('Invalid NextToken.')
}
