import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { withAttributes } from './attributes.ts'
import { missingParameter } from './errors.ts'
import { attributeMap, queueUrl } from './members.ts'

/** Changes attributes of a queue; they are in force when the answer comes. */
export const setQueueAttributes = awsOperation({
  name: 'SetQueueAttributes',
  input: { QueueUrl: queueUrl, Attributes: attributeMap },
  async run(broker, { QueueUrl, Attributes: attributes }, context) {
    const { name } = queueAt(broker, QueueUrl, context)
    if (attributes === undefined) throw missingParameter('Attribute.Name')
    await broker.queues.configure(name, (settings) => withAttributes(settings, attributes, broker.limits))
    return undefined
  },
})
