import { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import type { AwsContext } from '../aws/operation.ts'

export function resourceNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, { status: 404 })
}

export function notFound(text: string): AwsError {
  return new AwsError('ResourceNotFoundException', text, { status: 404 })
}

export function conflict(text: string): AwsError {
  return new AwsError('ResourceConflictException', text, { status: 409 })
}

export function invalidParameter(text: string, cause?: unknown): AwsError {
  return new AwsError('InvalidParameterValueException', text, { cause })
}

/** Somebody else changed it meanwhile. */
export function requireRevision(expected: string | undefined, actual: string): void {
  if (expected === undefined || expected === actual) return
  const text =
    'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId'
  throw new AwsError('PreconditionFailedException', text, { status: 412 })
}

/** Millrace's errors in Lambda's words. */
export function translateLambda(error: MillraceError, context: AwsContext): AwsError | undefined {
  const { details } = error
  switch (error.code) {
    case 'function_not_found':
      return resourceNotFound(`arn:aws:lambda:${context.region}:${context.account}:function:${details['function']}`)
    case 'function_exists':
      return conflict(`Function already exist: ${details['function']}`)
    case 'pattern_invalid':
      return invalidParameter('Invalid filter pattern definition.', error)
    case 'stream_not_found':
      return invalidParameter(`Stream not found: ${details['stream']}`, error)
    case 'function_code':
      return invalidParameter(error.message, error)
    case 'concurrency_exceeded':
      return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
        status: 429,
        members: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
        cause: error,
      })
    case 'throttled':
      return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
        status: 429,
        members: { Reason: 'CallerRateLimitExceeded' },
        cause: error,
      })
    case 'limit_exceeded':
      return new AwsError('CodeStorageExceededException', `${error.message} ${error.fix}`, { cause: error })
    case 'body_too_large': {
      const text = `Request must be smaller than ${details['limit']} bytes for this operation`
      return new AwsError('RequestTooLargeException', text, { status: 413, cause: error })
    }
    case 'internal':
      return new AwsError('ServiceException', error.message, { status: 500, cause: error.cause ?? error })
    default:
      return undefined
  }
}
