import type { AwsContext } from '../aws/operation.ts'

/** A stream's ARN, as its caller sees it: account and region are the caller's own. */
export function streamArnOf(stream: string, { region, account }: Pick<AwsContext, 'region' | 'account'>): string {
  return `arn:aws:kinesis:${region}:${account}:stream/${stream}`
}
