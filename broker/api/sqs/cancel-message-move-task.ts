import { MillraceError } from '../../wire/errors.ts'
import { awsOperation } from '../aws/operation.ts'
import { missingParameter } from './errors.ts'
import { queueOfArn, taskIn, taskNotFound } from './move-tasks.ts'

/** Cancels a running move task; what was moved stays moved. */
export const cancelMessageMoveTask = awsOperation({
  name: 'CancelMessageMoveTask',
  input: { TaskHandle: { type: 'string' } },
  async run(broker, { TaskHandle: handle }) {
    if (handle === undefined) throw missingParameter('TaskHandle')
    const { taskId, sourceArn } = taskIn(handle)
    const source = queueOfArn(broker, sourceArn, 'SourceArn')
    try {
      const task = await source.tasks.cancel(taskId)
      return { ApproximateNumberOfMessagesMoved: task.moved }
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      if (error.code === 'task_not_found' || error.code === 'task_ended') throw taskNotFound()
      throw error
    }
  },
})
