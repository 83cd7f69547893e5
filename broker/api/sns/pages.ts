import { invalidParameter } from './errors.ts'

const pageMax = 100

/**
 * A page of what is in order of `keyOf`, 100 at a time, as SNS has them.
 * @throws AwsError InvalidParameter
 */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (each: T) => string,
  token: string | undefined,
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const after = token === undefined || token === '' ? '' : keyIn(token)
  const rest = after === '' ? all : all.filter((each) => keyOf(each) > after)
  const page = rest.slice(0, pageMax)
  const last = page.at(-1)
  const more = rest.length > page.length && last !== undefined
  return { page, next: more ? Buffer.from(keyOf(last)).toString('base64url') : undefined }
}

function keyIn(token: string): string {
  const key = /^[A-Za-z0-9_-]{1,800}$/.test(token) ? Buffer.from(token, 'base64url').toString() : ''
  if (key === '') throw invalidParameter('NextToken')
  return key
}
