import { awsOperation } from '../aws/operation.ts'
import { settingsAnswer, settingsIn } from './bus-answer.ts'
import { invalid } from './errors.ts'
import { busName, deadLetterConfig, description, kmsKey, logConfig, tagList } from './members.ts'
import { arnOfBus, ownerOf, tagsIn } from './names.ts'

/** Creates a bus. */
export const createEventBus = awsOperation({
  name: 'CreateEventBus',
  input: {
    Name: { ...busName, required: true },
    EventSourceName: { type: 'string', min: 1, max: 256 },
    Description: description,
    KmsKeyIdentifier: kmsKey,
    DeadLetterConfig: deadLetterConfig,
    LogConfig: logConfig,
    Tags: tagList,
  },
  async run({ buses }, input, context) {
    const name = input.Name
    if (input.EventSourceName !== undefined) throw invalid('Partner event sources cannot be had here.')
    if (name.includes('/')) throw invalid('Event bus name must not contain /.')
    const settings = { ...settingsIn(input), tags: tagsIn(input.Tags) }
    const bus = await buses.create(name, settings, ownerOf(context))
    return { EventBusArn: arnOfBus(name, context), ...settingsAnswer(bus) }
  },
})
