import { awsOperation } from '../aws/operation.ts'
import { required } from './members.ts'
import { topicAt } from './names.ts'
import { withAttribute } from './topic-attributes.ts'

/** Keeps a policy; nothing is looked for in messages here. */
export const putDataProtectionPolicy = awsOperation({
  name: 'PutDataProtectionPolicy',
  input: { ResourceArn: required, DataProtectionPolicy: required },
  async run(broker, { ResourceArn, DataProtectionPolicy }) {
    const { name } = topicAt(broker, ResourceArn, 'ResourceArn')
    await broker.topics.configure(name, (settings) =>
      withAttribute(settings, 'DataProtectionPolicy', DataProtectionPolicy),
    )
    return undefined
  },
})
