import { awsOperation } from '../aws/operation.ts'
import { invalidParameter } from './errors.ts'
import { text } from './members.ts'
import { topicAt } from './names.ts'
import { messageIn, messageMembers, publishedOutput } from './publishing.ts'

/** Publishes a message: when this is answered, every queue and stream that is subscribed has it on disk. */
export const publish = awsOperation({
  name: 'Publish',
  input: { TopicArn: text, TargetArn: text, PhoneNumber: text, ...messageMembers },
  async run(broker, input, context) {
    const { TopicArn, TargetArn, PhoneNumber } = input
    if (PhoneNumber !== undefined)
      throw invalidParameter('PhoneNumber Reason: text messages are not sent by this broker')
    if ((TopicArn === undefined) === (TargetArn === undefined)) {
      throw invalidParameter('TopicArn or TargetArn Reason: exactly one of them must be given')
    }
    const topic = TopicArn === undefined ? topicAt(broker, TargetArn, 'TargetArn') : topicAt(broker, TopicArn)
    return publishedOutput(await topic.publish(messageIn(topic, input, context)))
  },
})
