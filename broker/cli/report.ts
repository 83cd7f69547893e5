import { MillraceError } from '../wire/errors.ts'
import { exitCodes } from './exit-codes.ts'

/** What a person at the command line can do, where that differs from what a program can. */
const fixes: Partial<Record<string, string>> = {
  unavailable: 'Start one: millrace serve (in a checkout: npm start). Another address: --url, or MILLRACE_URL.',
  unauthorized: 'Give the token that the broker was started with: --token, or MILLRACE_TOKEN.',
  invalid_field: 'Correct that and run it again; --help says what it takes.',
  cancelled: 'The connection ended before the answer came: try again.',
}

/** Says on stderr what went wrong and what to do, and returns the exit code that says the same. */
export function report(error: unknown, suggestion?: string): number {
  const known = MillraceError.wrap(error)
  const lines = [known.message, ...(suggestion === undefined ? [] : [suggestion]), fixes[known.code] ?? known.fix]
  console.error(`millrace: ${lines.join('\n          ')}`)
  if (known.code === 'internal' && known.cause instanceof Error) console.error(known.cause.stack)
  return exitCodeOf(known)
}

/** What another command line would have avoided. */
const usageErrors: ReadonlySet<string> = new Set(['invalid_field', 'bad_request', 'unsafe_address'])

function exitCodeOf({ code }: MillraceError): number {
  if (code === 'unavailable') return exitCodes.unreachable
  return usageErrors.has(code) ? exitCodes.usage : exitCodes.failed
}
