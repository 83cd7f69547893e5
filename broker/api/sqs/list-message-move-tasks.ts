import type { MoveTaskRecord } from '../../modes/queue-task.ts'
import { awsOperation } from '../aws/operation.ts'
import { arnOf } from './address.ts'
import { invalidValue } from './errors.ts'
import { queueOfArn, taskHandle } from './move-tasks.ts'

/** The last move tasks of a queue, newest first: one, or up to 10. */
export const listMessageMoveTasks = awsOperation({
  name: 'ListMessageMoveTasks',
  input: { SourceArn: { type: 'string' }, MaxResults: { type: 'integer' } },
  run(broker, { SourceArn, MaxResults: max = 1 }, context) {
    const source = queueOfArn(broker, SourceArn, 'SourceArn')
    if (max < 1 || max > 10) throw invalidValue(max, 'MaxResults', 'Must be between 1 and 10, if provided.')
    const sourceArn = arnOf(source.name, context)
    const results = source.tasks
      .list()
      .slice(0, max)
      .map((task) => ({
        // Only a task that can be cancelled has a handle.
        TaskHandle: task.status === 'running' ? taskHandle(task.id, sourceArn) : undefined,
        Status: source.tasks.isCancelling(task.id) ? 'CANCELLING' : statusOf(task),
        SourceArn: sourceArn,
        DestinationArn: task.destination === undefined ? undefined : arnOf(task.destination, context),
        MaxNumberOfMessagesPerSecond: task.perSecondMax,
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.total,
        FailureReason: task.failure,
        StartedTimestamp: task.startedAt,
      }))
    return { Results: results }
  },
  output: {
    Results: { type: 'list', of: { type: 'structure', members: {} }, flattened: 'ListMessageMoveTasksResultEntry' },
  },
})

function statusOf({ status }: MoveTaskRecord): string {
  return status.toUpperCase()
}
