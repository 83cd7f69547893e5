import { invalidMessageContents } from './errors.ts'

/** What XML 1.0 can carry (section 2.2), which is what SQS allows whatever the protocol. */
const allowed = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u

/** @throws AwsError InvalidMessageContents */
export function requireCharacters(text: string): void {
  if (!allowed.test(text)) throw invalidMessageContents()
}
