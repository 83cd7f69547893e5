import { AwsError } from '../../wire/aws-error.ts'
import type { AwsContext } from '../aws/operation.ts'

/** Errors of Kinesis, worded as AWS words them. */

type Account = Pick<AwsContext, 'account'>

export function invalidArgument(message: string): AwsError {
  return new AwsError('InvalidArgumentException', message)
}

export function resourceNotFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message)
}

export function resourceInUse(message: string): AwsError {
  return new AwsError('ResourceInUseException', message)
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceededException', message)
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

export function streamNotFound(stream: string, { account }: Account): AwsError {
  return resourceNotFound(`Stream ${stream} under account ${account} not found.`)
}

export function shardNotFound(shard: string, stream: string, { account }: Account): AwsError {
  return resourceNotFound(`Could not find shard ${shard} in stream ${stream} under account ${account}.`)
}

export function shardGone(shard: string, stream: string, { account }: Account): AwsError {
  return resourceNotFound(`Shard ${shard} in stream ${stream} under account ${account} does not exist`)
}

export function rateExceeded(shard: string, stream: string, { account }: Account): AwsError {
  const text = `Rate exceeded for shard ${shard} in stream ${stream} under account ${account}.`
  return new AwsError('ProvisionedThroughputExceededException', text)
}

export function shardSpent(shard: string, stream: string, { account }: Account): AwsError {
  return invalidArgument(
    `Shard ${shard} in stream ${stream} under account ${account} has already been merged or split, and thus is not eligible for merging or splitting.`,
  )
}
