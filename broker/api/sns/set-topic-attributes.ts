import { awsOperation } from '../aws/operation.ts'
import { required, text } from './members.ts'
import { topicAt } from './names.ts'
import { withAttribute } from './topic-attributes.ts'

export const setTopicAttributes = awsOperation({
  name: 'SetTopicAttributes',
  input: { TopicArn: required, AttributeName: required, AttributeValue: text },
  async run(broker, { TopicArn, AttributeName, AttributeValue = '' }) {
    const { name } = topicAt(broker, TopicArn)
    await broker.topics.configure(name, (settings) => withAttribute(settings, AttributeName, AttributeValue))
    return undefined
  },
})
