import type { Broker } from '../../broker.ts'
import type { Queue } from '../../modes/queue.ts'
import { nameInArn } from './address.ts'
import { missingParameter, resourceNotFound } from './errors.ts'

/** What a task is known by: its id and its source, since tasks are found by their queue. */
export function taskHandle(taskId: string, sourceArn: string): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64')
}

/** @throws AwsError ResourceNotFoundException */
export function taskIn(handle: string): { taskId: string; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString()) as Record<string, unknown>
    if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn }
  } catch {
    // What is no handle names no task.
  }
  throw taskNotFound()
}

export function taskNotFound() {
  return resourceNotFound('Task does not exist.')
}

/** @throws AwsError ResourceNotFoundException, MissingRequiredParameterException */
export function queueOfArn(broker: Broker, arn: string | undefined, parameter: string): Queue {
  if (arn === undefined) throw missingParameter(parameter)
  const queue = broker.queues.find(nameInArn(arn))
  if (queue === undefined) {
    throw resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`)
  }
  return queue
}
