import type { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'
import type { AwsContext } from '../aws/operation.ts'
import {
  invalidParameter,
  invalidValue,
  messageNotInflight,
  missingParameter,
  overLimit,
  queueDoesNotExist,
  receiptHandleIsInvalid,
} from './errors.ts'

/** What the broker's own errors are called here; `input` is the request, or one entry of a batch. */
export function translateSqs(
  error: MillraceError,
  context: Pick<AwsContext, 'protocol'>,
  input: object,
): AwsError | undefined {
  const given = input as { readonly ReceiptHandle?: string; readonly DelaySeconds?: number }
  const handle = given.ReceiptHandle ?? ''
  switch (error.code) {
    case 'queue_not_found':
      return queueDoesNotExist(context)
    case 'message_too_large': {
      const reason = `Message must be shorter than ${error.details['limit']} bytes.`
      return invalidParameter(`One or more parameters are invalid. Reason: ${reason}`)
    }
    case 'group_required':
      return missingParameter('MessageGroupId')
    case 'deduplication_required':
      return invalidParameter(
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      )
    case 'delay_not_allowed':
      return invalidValue(given.DelaySeconds, 'DelaySeconds', notForThisType)
    case 'handle_invalid':
      return receiptHandleIsInvalid(handle)
    case 'handle_expired':
      return invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.')
    case 'message_gone':
      return invalidValue(handle, 'ReceiptHandle', gone)
    case 'not_in_flight':
      return messageNotInflight(handle)
    case 'visibility_too_long': {
      const reason = 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]'
      return invalidValue((input as { VisibilityTimeout?: number }).VisibilityTimeout, 'VisibilityTimeout', reason)
    }
    case 'in_flight_limit':
    case 'limit_exceeded':
      return overLimit(error.message)
    case 'dead_letter_invalid':
      return invalidParameter(`Value for parameter RedrivePolicy is invalid. Reason: ${error.message}`)
    default:
      return undefined
  }
}

export const notForThisType = 'The request include parameter that is not valid for this queue type.'
const gone = 'Message does not exist or is not available for visibility timeout change.'
