import { MillraceError } from '../../wire/errors.ts'
import { awsOperation } from '../aws/operation.ts'
import { notFound } from './errors.ts'
import { required } from './members.ts'
import { topicAt } from './names.ts'

/** Deletes a topic with all its subscriptions; one that is gone already is just as well. */
export const deleteTopic = awsOperation({
  name: 'DeleteTopic',
  input: { TopicArn: required },
  async run(broker, { TopicArn }) {
    try {
      await broker.topics.delete(topicAt(broker, TopicArn).name)
    } catch (error) {
      const gone = error instanceof MillraceError && error.code === 'topic_not_found'
      const unknown = error instanceof Error && error.message === notFound('Topic').message
      if (!gone && !unknown) throw error
    }
    return undefined
  },
})
