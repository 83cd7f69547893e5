import type { Broker } from '../../broker.ts'
import type { Shard } from '../../log/shard.ts'
import type { Stream } from '../../modes/stream.ts'
import { AwsError } from '../../wire/aws-error.ts'
import { shardIdOf } from '../../wire/sequence.ts'
import { rateExceeded } from './errors.ts'
import type { Caller } from './names.ts'

/** A call that reads or writes records. */
export interface GuardedCall {
  readonly operation: string
  readonly dryRun: boolean | undefined
  readonly caller: Caller
  /** The shard it is about; without one, it is its records that are refused for want of throughput, and not the call. */
  readonly shard?: Shard
}

/**
 * What every call that reads or writes records passes: faults that were set for tests, and a dry run, which ends here.
 * @throws AwsError ProvisionedThroughputExceededException, InternalFailureException, DryRunOperationException
 */
export async function guard(stream: Stream, { operation, dryRun, caller, shard }: GuardedCall): Promise<void> {
  if (stream.faults.current !== undefined) {
    const verdict = await stream.faults.before(operation, shard === undefined)
    if (verdict === 'throttle') throw rateExceeded(shardIdOf(shard?.number ?? 0), stream.name, caller)
    if (verdict === 'fail') throw new AwsError('InternalFailureException', 'Internal service failure.', { status: 500 })
  }
  if (dryRun) {
    throw new AwsError(
      'DryRunOperationException',
      `DryRunOperation validation succeeded while calling ${operation} operation.: Request would have succeeded, but DryRun flag is set.`,
    )
  }
}

/** @throws AwsError ProvisionedThroughputExceededException when `allowed` is false */
export function requireAllowed(allowed: boolean, stream: Stream, shard: Shard, caller: Caller): void {
  if (!allowed) throw rateExceeded(shardIdOf(shard.number), stream.name, caller)
}

/** Whether one more page of a shard may be read now, where quotas apply. */
export function mayRead({ quotas }: Broker, shard: Shard): boolean {
  return quotas === undefined || quotas.read(shard)
}
