import { type TopicRecord, type TopicSettings, topicArn } from '../../modes/topic-record.ts'
import { defaultPolicy, objectIn } from './topic-attributes.ts'

interface Statement {
  readonly Sid?: string
}

interface Policy {
  readonly Statement: readonly Statement[]
}

/** A topic's policy, or the one that AWS begins with. */
export function policyOf(record: Pick<TopicRecord, 'name' | 'region' | 'account'>, settings: TopicSettings): Policy {
  const policy = objectIn(settings.kept['Policy'] ?? defaultPolicy(topicArn(record), record.account))
  const statements = policy?.['Statement']
  return { ...policy, Statement: Array.isArray(statements) ? (statements as Statement[]) : [] }
}

export function withPolicy(settings: TopicSettings, policy: Policy): TopicSettings {
  return { ...settings, kept: { ...settings.kept, Policy: JSON.stringify(policy) } }
}
