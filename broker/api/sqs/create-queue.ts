import type { Limits } from '../../limits.ts'
import { defaultSettings, type QueueSettings } from '../../modes/queue-settings.ts'
import { awsOperation } from '../aws/operation.ts'
import { urlOf } from './address.ts'
import { settableAttributes, withAttributes } from './attributes.ts'
import { invalidParameter, missingParameter, queueNameExists, unknownAttribute } from './errors.ts'
import { attributeMap, tagMap } from './members.ts'

/** Creates a queue, or answers with the URL of one that has the same attributes as are given. */
export const createQueue = awsOperation({
  name: 'CreateQueue',
  input: {
    QueueName: { type: 'string' },
    Attributes: attributeMap,
    tags: tagMap,
  },
  async run(broker, { QueueName: name, Attributes: attributes = {}, tags = {} }, context) {
    if (name === undefined) throw missingParameter('QueueName')
    const settings = settingsIn(name, attributes, broker.limits)
    await broker.queues.create(name, { ...settings, tags }, (queue) => {
      const wanted = settableAttributes(settings, broker.limits, context)
      requireSame(attributes, wanted, settableAttributes(queue.settings, broker.limits, context))
    })
    return { QueueUrl: urlOf(name, context) }
  },
  output: { QueueUrl: { type: 'string' } },
})

function settingsIn(name: string, attributes: Readonly<Record<string, string>>, limits: Limits): QueueSettings {
  const { FifoQueue, ...rest } = attributes
  if (FifoQueue !== undefined && FifoQueue !== 'true') throw unknownAttribute('FifoQueue')
  const fifo = FifoQueue === 'true'
  if (fifo && !/^[A-Za-z0-9_-]{1,75}\.fifo$/.test(name)) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    )
  }
  if (!fifo && !/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
    throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length')
  }
  return withAttributes({ ...defaultSettings(limits), fifo }, rest, limits)
}

/** Only attributes that are given are compared. */
function requireSame(
  given: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  actual: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(given)) if (wanted[name] !== actual[name]) throw queueNameExists(name)
}
