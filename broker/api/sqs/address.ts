import type { Broker } from '../../broker.ts'
import type { Queue } from '../../modes/queue.ts'
import type { AwsContext } from '../aws/operation.ts'
import { invalidParameter, missingParameter, queueDoesNotExist } from './errors.ts'

/**
 * The queue a request is for: by its URL, whatever host or account that says, by its path, or by its bare name; older clients leave it
 * out and send the request to the queue's own path.
 * @throws AwsError QueueDoesNotExist, MissingRequiredParameterException
 */
export function queueAt(broker: Broker, url: string | undefined, context: AwsContext): Queue {
  const name = lastSegment(url !== undefined && url !== '' ? url : context.path)
  if (name === '') throw missingParameter('QueueUrl')
  const queue = broker.queues.find(name)
  if (queue === undefined) throw queueDoesNotExist(context)
  return queue
}

/** A queue's URL, at the very address by which the client reached this broker. */
export function urlOf(queue: string, { origin, account }: AwsContext): string {
  return `${origin}/${account}/${queue}`
}

export function arnOf(queue: string, { region, account }: AwsContext): string {
  return `arn:aws:sqs:${region}:${account}:${queue}`
}

/**
 * The name of the queue an ARN is of; region and account don't matter here.
 * @throws AwsError InvalidParameterValueException
 */
export function nameInArn(arn: string): string {
  const name = /^arn:[^:]+:sqs:[^:]*:[^:]*:([^:/]+)$/.exec(arn)?.[1]
  if (name === undefined) throw invalidParameter(`${arn.slice(0, 256)} is not the ARN of a queue.`)
  return name
}

function lastSegment(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url
  const segment = path.slice(path.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(segment)
  } catch {
    // A segment that is not percent-encoded is the name of no queue.
    return segment
  }
}
