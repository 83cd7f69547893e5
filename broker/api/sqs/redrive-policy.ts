import type { Limits } from '../../limits.ts'
import type { QueueSettings, RedriveAllow } from '../../modes/queue-settings.ts'
import type { AwsContext } from '../aws/operation.ts'
import { arnOf, nameInArn } from './address.ts'
import { invalidParameter } from './errors.ts'

/** Takes up a RedrivePolicy: `{deadLetterTargetArn, maxReceiveCount}`, the count as a number or text; empty takes it away. */
export function withRedrivePolicy(settings: QueueSettings, text: string, limits: Limits): QueueSettings {
  const { deadLetter: _, ...rest } = settings
  if (text === '') return rest
  const { deadLetterTargetArn: arn, maxReceiveCount } = objectIn('RedrivePolicy', text)
  if (typeof arn !== 'string' || maxReceiveCount === undefined) {
    const missing = typeof arn === 'string' ? 'maxReceiveCount' : 'deadLetterTargetArn'
    throw invalid('RedrivePolicy', text, `Redrive policy does not contain mandatory attribute: ${missing}.`)
  }
  const count = Number(maxReceiveCount)
  if (!Number.isInteger(count) || count < 1 || count > limits.maxReceivesMax) {
    const reason = `Invalid value for maxReceiveCount: ${String(maxReceiveCount).slice(0, 64)}, valid values are from 1 to ${limits.maxReceivesMax} both inclusive.`
    throw invalid('RedrivePolicy', text, reason)
  }
  return { ...rest, deadLetter: { queue: nameInArn(arn), maxReceives: count } }
}

export function redrivePolicyText({ deadLetter }: QueueSettings, context: AwsContext): string | undefined {
  if (deadLetter === undefined) return undefined
  return JSON.stringify({
    deadLetterTargetArn: arnOf(deadLetter.queue, context),
    maxReceiveCount: deadLetter.maxReceives,
  })
}

/** Takes up a RedriveAllowPolicy: `{redrivePermission, sourceQueueArns?}`; empty takes it away. */
export function withRedriveAllow(settings: QueueSettings, text: string): QueueSettings {
  const { redriveAllow: _, ...rest } = settings
  if (text === '') return rest
  const { redrivePermission: permission, sourceQueueArns: arns } = objectIn('RedriveAllowPolicy', text)
  return { ...rest, redriveAllow: allowIn(permission, arns, text) }
}

function allowIn(permission: unknown, arns: unknown, text: string): RedriveAllow {
  if (permission === 'byQueue') {
    if (!Array.isArray(arns) || arns.length === 0 || arns.length > 10 || arns.some((arn) => typeof arn !== 'string')) {
      const reason = 'Redrive allow policy must have 1 to 10 source queue ARNs with permission byQueue.'
      throw invalid('RedriveAllowPolicy', text, reason)
    }
    return { permission: 'named', sources: arns.map((arn: string) => nameInArn(arn)) }
  }
  if (arns !== undefined && Array.isArray(arns) && arns.length > 0) {
    const reason = 'Redrive allow policy must not have source queue ARNs unless its permission is byQueue.'
    throw invalid('RedriveAllowPolicy', text, reason)
  }
  if (permission === 'allowAll') return { permission: 'all' }
  if (permission === 'denyAll') return { permission: 'none' }
  throw invalid('RedriveAllowPolicy', text, 'Redrive permission must be allowAll, denyAll or byQueue.')
}

export function redriveAllowText({ redriveAllow }: QueueSettings, context: AwsContext): string | undefined {
  if (redriveAllow === undefined) return undefined
  if (redriveAllow.permission === 'named') {
    const sourceQueueArns = redriveAllow.sources.map((name) => arnOf(name, context))
    return JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns })
  }
  return JSON.stringify({ redrivePermission: redriveAllow.permission === 'all' ? 'allowAll' : 'denyAll' })
}

function objectIn(name: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid(name, text, 'Redrive policy is not a valid JSON map.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid(name, text, 'Redrive policy is not a valid JSON map.')
}

function invalid(name: string, text: string, reason: string) {
  return invalidParameter(`Value ${text.slice(0, 256)} for parameter ${name} is invalid. Reason: ${reason}`)
}
