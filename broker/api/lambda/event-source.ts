import type { Broker } from '../../broker.ts'
import type { ReadingBinding, StreamSource } from '../../wire/binding.ts'
import { MillraceError } from '../../wire/errors.ts'
import { validationError } from '../aws/input.ts'
import { consumerArnOf } from '../kinesis/names.ts'
import { invalidParameter } from './errors.ts'
import type { Caller } from './names.ts'

export type EventSource = ReadingBinding['source']

/** What a mapping says of where it begins. */
interface Start {
  readonly StartingPosition?: string
  readonly StartingPositionTimestamp?: number
}

/**
 * The source that an ARN names: a stream, a consumer of one that was registered, or a queue.
 * @throws AwsError InvalidParameterValueException
 */
export function eventSourceIn(broker: Broker, arn: string | undefined, start: Start, caller: Caller): EventSource {
  const queue = /^arn:[^:]*:sqs:[^:]*:\d{12}:([A-Za-z0-9_.-]+)$/.exec(arn ?? '')?.[1]
  if (arn === undefined || queue === undefined) return streamIn(broker, arn, start, caller)
  if (start.StartingPosition !== undefined || start.StartingPositionTimestamp !== undefined) {
    throw invalidParameter('StartingPosition is not valid for SQS event sources.')
  }
  if (broker.queues.find(queue) === undefined) {
    throw invalidParameter(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist for this wsdl version.',
    )
  }
  return { kind: 'queue', queue, arn }
}

function streamIn(broker: Broker, arn: string | undefined, start: Start, caller: Caller): StreamSource {
  const match = /^arn:[^:]*:kinesis:[^:]*:\d{12}:stream\/([A-Za-z0-9_.-]+)(\/consumer\/.+)?$/.exec(arn ?? '')
  if (arn === undefined || match === null) throw invalidParameter('Unrecognized event source.')
  const stream = match[1] as string
  try {
    const { profile } = broker.streams.get(stream)
    const known =
      match[2] === undefined ||
      profile.current.consumers.some((each) => isSame(arn, consumerArnOf(stream, each, caller)))
    if (known) return { kind: 'stream', stream, from: startIn(start), arn }
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'stream_not_found') throw error
  }
  throw invalidParameter(`Stream not found: ${arn}`)
}

/** Account and region are whatever a caller says. */
function isSame(arn: string, other: string): boolean {
  return arn.split(':').slice(5).join(':') === other.split(':').slice(5).join(':')
}

function startIn({ StartingPosition, StartingPositionTimestamp: time }: Start): StreamSource['from'] {
  switch (StartingPosition) {
    case 'TRIM_HORIZON':
      return 'horizon'
    case 'LATEST':
      return 'latest'
    case 'AT_TIMESTAMP':
      if (time !== undefined) return { time }
      throw invalidParameter('StartingPositionTimestamp is required with AT_TIMESTAMP.')
    default:
      throw validationError(["Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."])
  }
}

/** How AWS tells where a source begins. */
export function describeStart(source: EventSource): object {
  if (source.kind === 'queue') return {}
  const { from } = source
  if (typeof from === 'object') {
    return { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: new Date(from.time) }
  }
  return { StartingPosition: from === 'horizon' ? 'TRIM_HORIZON' : 'LATEST' }
}
