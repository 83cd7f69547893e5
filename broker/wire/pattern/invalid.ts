import { MillraceError } from '../errors.ts'

/** The error for a pattern that is none; `reason` as AWS words it. */
export function invalid(reason: string, cause?: unknown): MillraceError {
  return new MillraceError('pattern_invalid', { reason }, cause)
}
