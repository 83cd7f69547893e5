import { AwsError } from '../../wire/aws-error.ts'

/** Errors of SNS, worded as AWS words them. */

export function notFound(what: 'Topic' | 'Subscription' | 'Resource'): AwsError {
  return new AwsError(what === 'Resource' ? 'ResourceNotFound' : 'NotFound', `${what} does not exist`, { status: 404 })
}

/** AWS begins all of them with the same words. */
export function invalidParameter(reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${shortened(reason)}`)
}

/** What is wrong with a message attribute has a code of its own. */
export function invalidAttribute(message: string): AwsError {
  return new AwsError('ParameterValueInvalid', message)
}

export function tooMany(what: 'Topic' | 'Subscription' | 'FilterPolicy', message: string): AwsError {
  return new AwsError(`${what}LimitExceeded`, message, { status: 403 })
}

export function throttled(): AwsError {
  return new AwsError('Throttled', 'Rate exceeded', { status: 429 })
}

export function emptyBatch(): AwsError {
  return new AwsError('EmptyBatchRequest', 'The batch request does not contain any entries.')
}

export function tooManyEntries(): AwsError {
  return new AwsError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.')
}

export function idsNotDistinct(): AwsError {
  return new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
}

export function batchTooLong(): AwsError {
  return new AwsError('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.')
}

export function invalidEntryId(id: string): AwsError {
  const what = id.length > 80 ? 'is too long' : 'contains an impermissible character'
  return new AwsError('InvalidBatchEntryId', `The Id of a batch entry in the batch request ${what}: ${shortened(id)}`)
}

export function authorizationError(message: string): AwsError {
  return new AwsError('AuthorizationError', message, { status: 403 })
}

/** What a complaint repeats of a value must not be a megabyte long. */
function shortened(text: string): string {
  return text.length <= 512 ? text : `${text.slice(0, 512)}...`
}
