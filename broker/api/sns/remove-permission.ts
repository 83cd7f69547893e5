import { awsOperation } from '../aws/operation.ts'
import { required } from './members.ts'
import { topicAt } from './names.ts'
import { policyOf, withPolicy } from './policy.ts'

/** Takes a statement out of a topic's policy. */
export const removePermission = awsOperation({
  name: 'RemovePermission',
  input: { TopicArn: required, Label: required },
  async run(broker, { TopicArn, Label }) {
    const { record, name } = topicAt(broker, TopicArn)
    await broker.topics.configure(name, (settings) => {
      const policy = policyOf(record, settings)
      return withPolicy(settings, { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== Label) })
    })
    return undefined
  },
})
