import { MillraceError } from '../wire/errors.ts'
import { Pattern, snsFilter } from '../wire/pattern.ts'
import type { MessageAttribute } from '../wire/queue-message.ts'
import type { TopicMessage } from './topic-record.ts'

const keysMax = 5
const combinationsMax = 150
const bytesMax = 256 * 1024

/**
 * Compiles a filter policy (docs.aws.amazon.com/sns, "Amazon SNS subscription filter policies"), within the bounds that SNS has: 5 keys, 150
 * combinations of values, each as often as its key is deep.
 * @throws policy_invalid, with the reason in AWS's words
 */
export function compileFilter(text: string): Pattern {
  if (Buffer.byteLength(text) > bytesMax) throw invalid('Filter policy is too large')
  let pattern: Pattern
  try {
    pattern = Pattern.compile(text, snsFilter)
  } catch (error) {
    throw invalid(reasonOf(error), error)
  }
  const { keys, combinations } = sizeOf(JSON.parse(text), 1)
  if (keys > keysMax) throw invalid(`Filter policy can not have more than ${keysMax} keys`)
  if (combinations > combinationsMax) throw invalid('Filter policy is too complex')
  return pattern
}

/** What filter policies on attributes look at: numbers as numbers, lists as lists, bytes not at all. */
export function attributesEvent(attributes: Readonly<Record<string, MessageAttribute>> = {}): object {
  const values = Object.entries(attributes).flatMap(([name, { type, value }]) => {
    if (typeof value !== 'string') return []
    if (type.startsWith('Number')) return [[name, Number(value)] as const]
    return [[name, type === 'String.Array' ? listIn(value) : value] as const]
  })
  return Object.fromEntries(values)
}

/** What filter policies on bodies look at: a JSON object; nothing else can match one. */
export function bodyEvent({ body }: Pick<TopicMessage, 'body'>): object | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    // What is no JSON matches no policy that looks into it.
    return undefined
  }
}

function listIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // It is kept as the text that it is.
    return text
  }
}

function sizeOf(value: unknown, depth: number): { keys: number; combinations: number } {
  let keys = 0
  let combinations = 1
  for (const [name, each] of Object.entries(value as object)) {
    if (Array.isArray(each) && !(name === '$or' && each.every((one) => typeof one === 'object' && one !== null))) {
      keys++
      combinations *= Math.max(1, each.length) * depth
    } else if (Array.isArray(each)) {
      const sizes = each.map((one) => sizeOf(one, depth))
      keys += Math.max(...sizes.map((size) => size.keys))
      combinations *= sizes.reduce((sum, size) => sum + size.combinations, 0)
    } else {
      const size = sizeOf(each, depth + 1)
      keys += size.keys
      combinations *= size.combinations
    }
  }
  return { keys, combinations }
}

function reasonOf(error: unknown): string {
  const reason = error instanceof MillraceError ? error.details['reason'] : undefined
  return typeof reason === 'string' ? reason : error instanceof Error ? error.message : String(error)
}

function invalid(reason: string, cause?: unknown): MillraceError {
  return new MillraceError('policy_invalid', { policy: 'FilterPolicy', reason }, cause)
}
