import { MillraceError } from '../../broker/wire/errors.ts'

/** The error for a broker that cannot be reached, or a connection that broke. */
export function unavailable(url: string, cause: unknown): MillraceError {
  return new MillraceError('unavailable', { url, reason: reasonOf(cause) }, cause)
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  // An address that resolves to several fails with one error around them all, whose own message is empty.
  const inner = cause instanceof AggregateError ? cause.errors[0] : undefined
  return cause.message || (inner instanceof Error ? inner.message : cause.name)
}
