import { awsOperation } from '../aws/operation.ts'
import { attributeMap, required } from './members.ts'
import { topicAt } from './names.ts'
import { attributesOf } from './topic-attributes.ts'

export const getTopicAttributes = awsOperation({
  name: 'GetTopicAttributes',
  input: { TopicArn: required },
  async run(broker, { TopicArn }) {
    const { record, subscriptions } = topicAt(broker, TopicArn)
    const all = [...subscriptions.values()]
    const pending = all.filter(({ token }) => token !== undefined).length
    return { Attributes: attributesOf(record, { pending, confirmed: all.length - pending }) }
  },
  output: { Attributes: attributeMap },
})
