import { awsOperation } from '../aws/operation.ts'
import { arnOf, queueAt } from './address.ts'
import { invalidValue, missingParameter } from './errors.ts'
import { queueUrl } from './members.ts'
import { policyOf, withPolicy } from './policy.ts'

const texts = { type: 'list', of: { type: 'string' } } as const

/** Writes a statement into a queue's policy. The policy is kept; nobody is judged by it here. */
export const addPermission = awsOperation({
  name: 'AddPermission',
  input: {
    QueueUrl: queueUrl,
    Label: { type: 'string' },
    AWSAccountIds: { ...texts, flattened: 'AWSAccountId' },
    Actions: { ...texts, flattened: 'ActionName' },
  },
  async run(broker, { QueueUrl, Label, AWSAccountIds: accounts = [], Actions: actions = [] }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    if (Label === undefined) throw missingParameter('Label')
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Label)) {
      throw invalidValue(
        Label,
        'Label',
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
      )
    }
    if (actions.length === 0) throw missingParameter('Actions')
    if (accounts.length === 0) throw missingParameter('PrincipalId')
    const arn = arnOf(queue.name, context)
    const principals = accounts.map((account) => `arn:aws:iam::${account}:root`)
    const named = actions.map((action) => `SQS:${action}`)
    await broker.queues.configure(queue.name, (settings) => {
      const policy = policyOf(settings, arn)
      if (policy.Statement.some(({ Sid }) => Sid === Label)) throw invalidValue(Label, 'Label', 'Already exists.')
      const statement = {
        Sid: Label,
        Effect: 'Allow',
        Principal: { AWS: principals.length === 1 ? principals[0] : principals },
        Action: named.length === 1 ? named[0] : named,
        Resource: arn,
      }
      return withPolicy(settings, { ...policy, Statement: [...policy.Statement, statement] })
    })
    return undefined
  },
})
