import { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'

export function invalid(text: string, cause?: unknown): AwsError {
  return new AwsError('ValidationException', text, { cause })
}

/** Millrace's errors in the words of EventBridge Scheduler. */
export function translateScheduler(error: MillraceError): AwsError | undefined {
  const { details } = error
  const notFound = (text: string) => new AwsError('ResourceNotFoundException', text, { status: 404, cause: error })
  const conflict = (text: string) => new AwsError('ConflictException', text, { status: 409, cause: error })
  switch (error.code) {
    case 'schedule_invalid':
      return invalid(`Invalid Schedule Expression ${details['expression']}.`, error)
    case 'time_zone_unknown':
      return invalid(`Invalid ScheduleExpressionTimezone: ${details['zone']}.`, error)
    case 'schedule_not_found':
      return notFound(`Schedule ${details['schedule']} does not exist.`)
    case 'schedule_exists':
      return conflict(`Schedule ${details['schedule']} already exists.`)
    case 'schedule_group_not_found':
      return notFound(`Schedule group ${details['group']} does not exist.`)
    case 'schedule_group_exists':
      return conflict(`Schedule group ${details['group']} already exists.`)
    case 'schedule_group_default':
      return invalid('Deleting default schedule group is not allowed.', error)
    case 'schedule_target':
    case 'bad_request':
    case 'invalid_field':
      return invalid(error.message, error)
    case 'limit_exceeded':
      return new AwsError('ServiceQuotaExceededException', error.message, { status: 402, cause: error })
    case 'throttled':
      return new AwsError('ThrottlingException', 'Rate exceeded', { status: 429, cause: error })
    case 'internal':
      return new AwsError('InternalServerException', error.message, { status: 500, cause: error.cause ?? error })
    default:
      return undefined
  }
}
