import { MillraceError } from '../../wire/errors.ts'
import { awsOperation } from '../aws/operation.ts'
import { arnOf } from './address.ts'
import { invalidParameter, invalidValue } from './errors.ts'
import { queueOfArn, taskHandle } from './move-tasks.ts'

/** Starts to move the messages of a dead-letter queue to where they came from, or to another queue. */
export const startMessageMoveTask = awsOperation({
  name: 'StartMessageMoveTask',
  input: {
    SourceArn: { type: 'string' },
    DestinationArn: { type: 'string' },
    MaxNumberOfMessagesPerSecond: { type: 'integer' },
  },
  async run(broker, { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: rate }, context) {
    const source = queueOfArn(broker, SourceArn, 'SourceArn')
    const destination = DestinationArn === undefined ? undefined : queueOfArn(broker, DestinationArn, 'DestinationArn')
    if (rate !== undefined && (rate < 1 || rate > broker.limits.moveRateMax)) {
      throw invalidValue(rate, 'MaxNumberOfMessagesPerSecond', 'Must be between 1 and 500, if provided.')
    }
    if (broker.queues.sourcesOf(source.name).length === 0) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.')
    }
    try {
      const task = await source.tasks.start({
        ...(destination === undefined ? {} : { destination: destination.name }),
        ...(rate === undefined ? {} : { perSecondMax: rate }),
      })
      return { TaskHandle: taskHandle(task.id, arnOf(source.name, context)) }
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'task_running') throw error
      throw invalidParameter(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      )
    }
  },
})
