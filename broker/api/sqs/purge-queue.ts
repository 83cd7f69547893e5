import { awsOperation } from '../aws/operation.ts'
import { queueAt } from './address.ts'
import { purgeInProgress } from './errors.ts'
import { queueUrl } from './members.ts'

const pauseMillis = 60_000

/** Deletes all messages of a queue; with strict limits at most once a minute. */
export const purgeQueue = awsOperation({
  name: 'PurgeQueue',
  input: { QueueUrl: queueUrl },
  async run(broker, { QueueUrl }, context) {
    const queue = queueAt(broker, QueueUrl, context)
    const { purgedAt } = queue
    if (broker.strict && purgedAt !== undefined && broker.clock.now() < purgedAt + pauseMillis) {
      throw purgeInProgress(queue.name)
    }
    await queue.purge()
    return undefined
  },
})
