import { awsOperation } from '../aws/operation.ts'
import { arnOf, queueAt } from './address.ts'
import { invalidValue, missingParameter } from './errors.ts'
import { queueUrl } from './members.ts'
import { policyOf, withPolicy } from './policy.ts'

/** Removes a statement from a queue's policy. */
export const removePermission = awsOperation({
  name: 'RemovePermission',
  input: { QueueUrl: queueUrl, Label: { type: 'string' } },
  async run(broker, { QueueUrl, Label }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    if (Label === undefined) throw missingParameter('Label')
    await broker.queues.configure(queue.name, (settings) => {
      const policy = policyOf(settings, arnOf(queue.name, context))
      const Statement = policy.Statement.filter(({ Sid }) => Sid !== Label)
      if (Statement.length === policy.Statement.length) throw invalidValue(Label, 'Label', "can't find label.")
      return withPolicy(settings, { ...policy, Statement })
    })
    return undefined
  },
})
