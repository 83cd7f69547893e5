import { awsOperation } from '../aws/operation.ts'
import { required, texts } from './members.ts'
import { topicAt } from './names.ts'

export const untagResource = awsOperation({
  name: 'UntagResource',
  input: { ResourceArn: required, TagKeys: { ...texts, required: true } },
  async run(broker, { ResourceArn, TagKeys }) {
    const { name } = topicAt(broker, ResourceArn, 'ResourceArn')
    const gone = new Set(TagKeys)
    await broker.topics.configure(name, (settings) => {
      const tags = Object.fromEntries(Object.entries(settings.tags).filter(([key]) => !gone.has(key)))
      return { ...settings, tags }
    })
    return {}
  },
})
