import { AwsError } from '../../wire/aws-error.ts'
import { MillraceError } from '../../wire/errors.ts'
import type { AwsContext, AwsService } from './operation.ts'

/**
 * Any error as AWS's: those that AWS alone has as they are, Millrace's own first by the service, which knows its wording, then by what
 * means the same in all services.
 */
export function translate(error: unknown, service?: AwsService, context?: AwsContext, input: object = {}): AwsError {
  if (error instanceof AwsError) return error
  const inner = MillraceError.wrap(error)
  const translated =
    service !== undefined && context !== undefined ? service.translate?.(inner, context, input) : undefined
  return translated ?? common(inner)
}

function common(error: MillraceError): AwsError {
  const { message, fix, cause } = error
  switch (error.code) {
    case 'throttled':
      return new AwsError('ThrottlingException', 'Rate exceeded', { cause: error })
    case 'body_too_large':
      return new AwsError('RequestEntityTooLargeException', message, { status: 413, cause: error })
    case 'draining':
    case 'store_full':
    case 'store_failed':
      return new AwsError('ServiceUnavailableException', `${message} ${fix}`, { status: 503, cause: error })
    case 'internal':
      return new AwsError('InternalFailure', message, { status: 500, cause: cause ?? error })
    default:
      return new AwsError(error.status >= 500 ? 'InternalFailure' : 'InvalidRequestException', `${message} ${fix}`, {
        status: error.status >= 500 ? 500 : 400,
        cause: error,
      })
  }
}
