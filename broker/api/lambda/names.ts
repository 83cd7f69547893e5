import { configOf, type FunctionRecord, latestVersion } from '../../modes/function-record.ts'
import type { Functions, FunctionTarget } from '../../modes/functions.ts'
import { AwsError } from '../../wire/aws-error.ts'
import type { BindingTarget } from '../../wire/binding.ts'
import type { AwsContext } from '../aws/operation.ts'
import { resourceNotFound } from './errors.ts'

export type Caller = Pick<AwsContext, 'region' | 'account'>

/** A function's ARN, as its caller sees it: account and region are the caller's own. */
export function functionArn(name: string, { region, account }: Caller, qualifier?: string): string {
  const arn = `arn:aws:lambda:${region}:${account}:function:${name}`
  return qualifier === undefined ? arn : `${arn}:${qualifier}`
}

/**
 * What a FunctionName says: a name, a name with its qualifier, a partial ARN or a whole one.
 * @throws AwsError when it is another region's, or says another qualifier than the parameter does
 */
export function targetOf(
  { FunctionName, Qualifier }: { readonly FunctionName: string; readonly Qualifier?: string },
  { region, account }: Caller,
): FunctionTarget {
  const arn = /^arn:[^:]*:lambda:([^:]*):(\d{12}):function:(.+)$/.exec(FunctionName)
  if (arn !== null && arn[1] !== region) {
    const text = `Functions from '${arn[1]}' are not reachable in this region ('${region}')`
    throw new AwsError('ResourceNotFoundException', text, { status: 404 })
  }
  const tail = arn?.[3] ?? FunctionName.replace(/^(\d{12}:)?(function:)?/, '')
  const [name = '', said] = tail.split(':')
  if (said !== undefined && Qualifier !== undefined && said !== Qualifier) {
    const text = 'The derived qualifier from the function name does not match the specified qualifier.'
    throw new AwsError('InvalidParameterValueException', text)
  }
  const qualifier = said ?? Qualifier
  return { name, region, account, ...(qualifier === undefined ? {} : { qualifier }) }
}

/** A function as the target of a binding. */
export function bindingTarget({ name, qualifier }: FunctionTarget): BindingTarget {
  return { kind: 'function', function: name, ...(qualifier === undefined ? {} : { qualifier }) }
}

/**
 * The function that is meant; its qualifier must name something too.
 * @throws AwsError ResourceNotFoundException
 */
export function recordOf(functions: Functions, target: FunctionTarget, caller: Caller): FunctionRecord {
  const { name, qualifier } = target
  const record = functions.records.get(name)
  const known =
    record !== undefined &&
    (qualifier === undefined || Object.hasOwn(record.aliases, qualifier) || configOf(record, qualifier) !== undefined)
  if (!known) throw resourceNotFound(functionArn(name, caller, qualifier))
  return record
}

/** The version a qualifier names, without regard to weights. */
export function plainVersion(record: FunctionRecord, qualifier: string = latestVersion): string {
  return record.aliases[qualifier]?.version ?? qualifier
}

/** A page of a list that is already in order; the marker is the last name of the page before. */
export function pageOf<T>(
  items: readonly T[],
  name: (item: T) => string,
  { Marker = '', MaxItems = 50 }: { readonly Marker?: string; readonly MaxItems?: number },
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const start = Marker === '' ? 0 : items.findIndex((item) => name(item) === Marker) + 1
  const page = items.slice(start, start + Math.min(MaxItems, 50))
  const last = page.at(-1)
  return { page, next: last !== undefined && start + page.length < items.length ? name(last) : undefined }
}
