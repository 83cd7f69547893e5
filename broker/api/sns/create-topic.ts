import type { Limits } from '../../limits.ts'
import { type TopicSettings, topicArn } from '../../modes/topic-record.ts'
import { defaultTopicSettings } from '../../modes/topics.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalidParameter } from './errors.ts'
import { attributeMap, required, tagList, tagsIn, text } from './members.ts'
import { settable, withAttribute } from './topic-attributes.ts'

const fifoName =
  'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.'

/** Creates a topic, or answers with the ARN of one that has the same attributes and tags as are given. */
export const createTopic = awsOperation({
  name: 'CreateTopic',
  input: { Name: required, Attributes: attributeMap, Tags: tagList, DataProtectionPolicy: text },
  async run(broker, { Name: name, Attributes: attributes = {}, Tags, DataProtectionPolicy }, context) {
    const given = DataProtectionPolicy === undefined ? attributes : { ...attributes, DataProtectionPolicy }
    const tags = Tags === undefined ? undefined : tagsIn(Tags)
    const settings = settingsIn(name, given, broker.limits)
    const { region, account } = context
    const topic = await broker.topics.create(name, { ...settings, tags: tags ?? {} }, { region, account }, (there) => {
      const wanted = settable(settings)
      const has = settable(there.settings)
      if (Object.keys(given).some((each) => wanted[each] !== has[each])) {
        throw invalidParameter('Attributes Reason: Topic already exists with different attributes')
      }
      if (tags !== undefined && !isSame(tags, there.settings.tags)) {
        throw invalidParameter('Tags Reason: Topic already exists with different tags')
      }
    })
    return { TopicArn: topicArn(topic.record) }
  },
})

function settingsIn(name: string, attributes: Readonly<Record<string, string>>, limits: Limits): TopicSettings {
  const { FifoTopic = 'false', ...rest } = attributes
  const fifo = FifoTopic.toLowerCase() === 'true'
  if (fifo && !/^[A-Za-z0-9_-]{1,251}\.fifo$/.test(name)) throw invalidParameter(fifoName)
  if (!fifo && !/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalidParameter('Topic Name')
  let settings: TopicSettings = { ...defaultTopicSettings(limits), fifo }
  for (const [each, value] of Object.entries(rest)) settings = withAttribute(settings, each, value)
  return settings
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
