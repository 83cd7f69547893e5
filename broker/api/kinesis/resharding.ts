import type { Stream } from '../../modes/stream.ts'
import { validation } from './errors.ts'
import type { Caller } from './names.ts'

/**
 * @throws AwsError ValidationException for an on-demand stream, whose shards AWS sees to itself
 */
export function requireProvisioned({ name, profile }: Stream, operation: string, { account }: Caller): void {
  if (profile.current.mode === 'PROVISIONED') return
  throw validation(
    `${operation} is not supported for stream ${name} under account ${account}: it is in ON_DEMAND mode. Use UpdateStreamMode to change it to PROVISIONED.`,
  )
}
