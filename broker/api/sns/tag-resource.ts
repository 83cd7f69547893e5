import { awsOperation } from '../aws/operation.ts'
import { invalidParameter } from './errors.ts'
import { required, tagList, tagsIn } from './members.ts'
import { topicAt } from './names.ts'

const tagsMax = 50

export const tagResource = awsOperation({
  name: 'TagResource',
  input: { ResourceArn: required, Tags: { ...tagList, required: true } },
  async run(broker, { ResourceArn, Tags }) {
    const { name } = topicAt(broker, ResourceArn, 'ResourceArn')
    await broker.topics.configure(name, (settings) => {
      const tags = { ...settings.tags, ...tagsIn(Tags) }
      if (Object.keys(tags).length > tagsMax) throw invalidParameter(`Tags Reason: A topic has at most ${tagsMax} tags`)
      return { ...settings, tags }
    })
    return {}
  },
})
