import type { RouteBinding, RouteKind } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { OutgoingDelivery } from '../broker/wire/outgoing-delivery.ts'
import type { MessageAttribute } from '../broker/wire/queue-message.ts'
import { targetArn } from '../broker/wire/target-arn.ts'
import type { Delivered } from './targets.ts'

/** Why a delivery failed. */
export interface OutgoingFailure {
  readonly code: string
  readonly message: string
  /** Whether trying again would be in vain. */
  readonly permanent: boolean
  /** What the endpoint asked for. */
  readonly retryAfterMillis?: number
}

/** Why a delivery was given up. */
export type GivenUp = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' | 'PermanentFailure'

/** What an answer that was no success says, or an error of the broker's own. */
export function failureOf(outcome: Delivered | MillraceError, kind: RouteKind): OutgoingFailure {
  if (outcome instanceof MillraceError) {
    return { code: outcome.code.toUpperCase(), message: outcome.message, permanent: !outcome.retryable }
  }
  const { status, retryAfterMillis } = outcome
  const { errorType = 'Failed', errorMessage = '' } = problemIn(outcome.payload)
  const permanent = status === undefined ? errorType === 'Http.PrivateAddress' : isPermanent(status, kind)
  const failure = { code: status === undefined ? errorType : `${status}`, message: errorMessage, permanent }
  return retryAfterMillis === undefined ? failure : { ...failure, retryAfterMillis }
}

/**
 * SNS takes every 4xx but 429 for the client's own fault (docs.aws.amazon.com/sns, "Amazon SNS message delivery retries"); EventBridge tries
 * again after 401, 407, 409 and 429 too.
 */
function isPermanent(status: number, kind: RouteKind): boolean {
  const again = kind === 'topic' ? [429] : [401, 407, 408, 409, 429]
  return status >= 400 && status < 500 && !again.includes(status)
}

/** The attributes of a dead letter: those of the message, and but for topics, why it is one, as EventBridge has them. */
export function letterAttributes(
  binding: RouteBinding,
  delivery: OutgoingDelivery,
  failure: OutgoingFailure | undefined,
  { condition, retries }: { readonly condition: GivenUp; readonly retries: number },
): Readonly<Record<string, MessageAttribute>> {
  const { attributes = {} } = delivery
  const { kind, arn } = binding.source
  if (kind === 'topic') return attributes
  const text = (value: string) => ({ type: 'String', value: value.slice(0, 1_024) || '-' })
  return {
    ...(kind === 'bus' ? { RULE_ARN: text(arn) } : {}),
    TARGET_ARN: text(targetArn(binding.target, binding)),
    ERROR_CODE: text(failure?.code ?? 'EVENT_AGE_EXCEEDED'),
    ERROR_MESSAGE: text(failure?.message ?? 'It was too old to be tried.'),
    ...(condition === 'PermanentFailure' ? {} : { EXHAUSTED_RETRY_CONDITION: text(condition) }),
    RETRY_ATTEMPTS: { type: 'Number', value: `${retries}` },
    ...attributes,
  }
}

function problemIn(payload: Uint8Array): { readonly errorType?: string; readonly errorMessage?: string } {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // What is no JSON is told as it is.
  }
  return { errorMessage: text.slice(0, 1_024) }
}
