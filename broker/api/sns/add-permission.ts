import { topicArn } from '../../modes/topic-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalidParameter } from './errors.ts'
import { required, texts } from './members.ts'
import { topicAt } from './names.ts'
import { policyOf, withPolicy } from './policy.ts'

/** Writes a statement into a topic's policy. The policy is kept; nobody is judged by it here. */
export const addPermission = awsOperation({
  name: 'AddPermission',
  input: {
    TopicArn: required,
    Label: required,
    AWSAccountId: { ...texts, required: true },
    ActionName: { ...texts, required: true },
  },
  async run(broker, { TopicArn, Label, AWSAccountId: accounts, ActionName: actions }) {
    const { record, name } = topicAt(broker, TopicArn)
    if (accounts.length === 0) throw invalidParameter('AWSAccountId')
    if (actions.length === 0) throw invalidParameter('ActionName')
    await broker.topics.configure(name, (settings) => {
      const policy = policyOf(record, settings)
      if (policy.Statement.some(({ Sid }) => Sid === Label)) throw invalidParameter('Statement already exists')
      const principals = accounts.map((account) => `arn:aws:iam::${account}:root`)
      const named = actions.map((action) => `SNS:${action}`)
      const statement = {
        Sid: Label,
        Effect: 'Allow',
        Principal: { AWS: principals.length === 1 ? principals[0] : principals },
        Action: named.length === 1 ? named[0] : named,
        Resource: topicArn(record),
      }
      return withPolicy(settings, { ...policy, Statement: [...policy.Statement, statement] })
    })
    return undefined
  },
})
