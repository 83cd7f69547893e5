import { targetOfArn } from '../../destinations.ts'
import type { Topic } from '../../modes/topic.ts'
import type { SubscriptionTarget } from '../../modes/topic-record.ts'
import { invalidParameter } from './errors.ts'

/** Protocols that AWS has and this broker does not deliver by. */
const elsewhere = new Set(['sms', 'application', 'firehose'])

/**
 * Who gets what a subscription by `protocol` is for.
 * @throws AwsError InvalidParameter
 */
export function targetIn(topic: Topic, protocol: string, endpoint: string): SubscriptionTarget {
  const { fifo } = topic.record.settings
  switch (protocol) {
    case 'sqs': {
      const target = targetOfArn(endpoint)
      if (target?.kind !== 'queue') throw invalidParameter('SQS endpoint ARN')
      if (!fifo && target.queue.endsWith('.fifo')) {
        throw invalidParameter('Invalid parameter: Endpoint Reason: Please use FIFO SNS topic')
      }
      return target
    }
    case 'lambda': {
      const name = /^arn:[^:]*:lambda:[^:]*:\d{12}:function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9$_-]+))?$/.exec(endpoint)
      if (name === null) throw invalidParameter('Lambda endpoint ARN')
      requireStandard(fifo, protocol)
      const target = { kind: 'function', function: name[1] as string } as const
      return name[2] === undefined ? target : { ...target, qualifier: name[2] }
    }
    case 'http':
    case 'https':
      requireStandard(fifo, protocol)
      if (!URL.canParse(endpoint) || new URL(endpoint).protocol !== `${protocol}:`) {
        throw invalidParameter('Endpoint must match the specified protocol')
      }
      return { kind: 'http', url: endpoint }
    case 'email':
    case 'email-json':
      requireStandard(fifo, protocol)
      if (!/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalidParameter('Email address')
      return { kind: 'mail', address: endpoint }
  }
  if (elsewhere.has(protocol)) throw invalidParameter(`Protocol Reason: ${protocol} is not delivered by this broker`)
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`)
}

/** AWS delivers from FIFO topics to queues only. */
function requireStandard(fifo: boolean, protocol: string): void {
  if (fifo) throw invalidParameter(`Invalid parameter: Invalid protocol type: ${protocol}`)
}
