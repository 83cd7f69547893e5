import type { QueueSettings } from '../../modes/queue-settings.ts'
import { invalidAttributeValue } from './errors.ts'

interface Statement {
  readonly Sid?: string
}

interface Policy {
  readonly Statement: readonly Statement[]
}

/** A queue's policy, or the one AWS begins with. */
export function policyOf({ kept }: QueueSettings, arn: string): Policy {
  const text = kept['Policy']
  if (text === undefined) return { Version: '2012-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] } as Policy
  try {
    const policy = JSON.parse(text) as Partial<Policy> | null
    return { ...policy, Statement: Array.isArray(policy?.Statement) ? policy.Statement : [] }
  } catch {
    throw invalidAttributeValue('Policy')
  }
}

/** A policy without statements is none. */
export function withPolicy(settings: QueueSettings, policy: Policy): QueueSettings {
  const { Policy: _, ...others } = settings.kept
  return {
    ...settings,
    kept: policy.Statement.length === 0 ? others : { ...others, Policy: JSON.stringify(policy) },
  }
}
