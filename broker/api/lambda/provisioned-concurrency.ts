import { type FunctionRecord, latestVersion, type ProvisionedConcurrency } from '../../modes/function-record.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import { AwsError } from '../../wire/aws-error.ts'
import { invalidParameter } from './errors.ts'
import { functionName, qualifier } from './members.ts'

/** What names the version or alias that is meant. */
export const provisionedMembers = { FunctionName: functionName, Qualifier: { ...qualifier, required: true } } as const

export const provisionedPath = '/2019-09-30/functions/{FunctionName}/provisioned-concurrency'

/** How AWS describes it. A process is started when it is needed, within milliseconds, so what is asked for is always there. */
export function describeProvisioned({ executions, modifiedAt }: ProvisionedConcurrency): object {
  return {
    RequestedProvisionedConcurrentExecutions: executions,
    AvailableProvisionedConcurrentExecutions: executions,
    AllocatedProvisionedConcurrentExecutions: executions,
    Status: 'READY',
    LastModified: `${new Date(modifiedAt).toISOString().slice(0, -5)}+0000`,
  }
}

/** @throws AwsError InvalidParameterValueException: of what changes at any time there can be none */
export function publishedQualifier({ qualifier: name = latestVersion }: FunctionTarget): string {
  if (name !== latestVersion) return name
  throw invalidParameter('Provisioned Concurrency Configs cannot be applied to unpublished function versions.')
}

/** @throws AwsError ProvisionedConcurrencyConfigNotFoundException */
export function provisionedOf({ provisioned = {} }: FunctionRecord, name: string): ProvisionedConcurrency {
  const config = Object.hasOwn(provisioned, name) ? provisioned[name] : undefined
  if (config !== undefined) return config
  const text = 'No Provisioned Concurrency Config found for this function'
  throw new AwsError('ProvisionedConcurrencyConfigNotFoundException', text, { status: 404 })
}
