import { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import type { AwsContext } from '../aws/operation.ts'
import { invalidArgument, limitExceeded, resourceInUse, shardNotFound, shardSpent, streamNotFound } from './errors.ts'

/** What the broker's own errors are called here. */
export function translateKinesis(error: MillraceError, context: AwsContext, input: object): AwsError | undefined {
  const { details, message } = error
  const stream = String(details['stream'] ?? ('StreamName' in input ? input.StreamName : ''))
  switch (error.code) {
    case 'stream_not_found':
      return streamNotFound(stream, context)
    case 'stream_exists':
      return resourceInUse(`Stream ${stream} under account ${context.account} already exists.`)
    case 'shard_not_found':
      return shardNotFound(shardIdOf(Number(details['shard'])), stream, context)
    case 'shard_closed':
      return shardSpent(shardIdOf(Number(details['shard'])), stream, context)
    case 'limit_exceeded':
      return limitExceeded(message)
    case 'throttled':
      return new AwsError('ProvisionedThroughputExceededException', `Rate exceeded: ${message}`, { cause: error })
    case 'invalid_field':
      return invalidArgument(message)
    default:
      return undefined
  }
}
