import type { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import type { AwsContext } from '../aws/operation.ts'
import { invalidParameter, notFound, throttled, tooMany } from './errors.ts'

/** What the broker's own errors are called here; `input` is the request. */
export function translateSns(error: MillraceError, _context: AwsContext, input: object): AwsError | undefined {
  switch (error.code) {
    case 'topic_not_found':
      return notFound('Topic')
    case 'subscription_not_found':
      return notFound('Subscription')
    case 'message_too_large':
      return invalidParameter('Message too long')
    case 'publication_too_large':
      return invalidParameter(`Message too long: ${error.message}`)
    case 'group_required':
      return invalidParameter('The MessageGroupId parameter is required for FIFO topics')
    case 'deduplication_required':
      return invalidParameter(
        'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      )
    case 'token_invalid':
      return invalidParameter('Token')
    case 'policy_invalid':
      return invalidParameter('Attributes' in input ? `Attributes Reason: ${error.message}` : error.message)
    case 'invalid_field':
      return invalidParameter(error.message)
    case 'throttled':
      return throttled()
    case 'limit_exceeded': {
      const what = `${error.details['what']}`
      const kind = /filter/.test(what) ? 'FilterPolicy' : /subscriptions/.test(what) ? 'Subscription' : 'Topic'
      return tooMany(kind, error.message)
    }
    default:
      return undefined
  }
}
