import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { allAttributes, attributeNames } from './attributes.ts'
import { unknownAttribute } from './errors.ts'
import { attributeMap, attributeNameList, queueUrl } from './members.ts'

/** A queue's attributes: those that are named, or All; without names none. */
export const getQueueAttributes = awsOperation({
  name: 'GetQueueAttributes',
  input: { QueueUrl: queueUrl, AttributeNames: attributeNameList },
  async run(broker, { QueueUrl, AttributeNames: names = [] }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    for (const name of names) if (!attributeNames.includes(name)) throw unknownAttribute(name)
    const all = allAttributes(queue, await queue.describe(), broker.limits, context)
    const chosen = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name))
    return { Attributes: chosen.length === 0 ? undefined : Object.fromEntries(chosen) }
  },
  output: { Attributes: attributeMap },
})
