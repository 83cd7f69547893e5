import { AwsError } from '../../wire/aws-error.ts'
import type { AwsContext } from '../aws/operation.ts'

/** Errors of SQS, worded as AWS words them. The Query protocol has older codes for many. */

function named(code: string, message: string, status = 400): AwsError {
  return new AwsError(code, message, { queryCode: `AWS.SimpleQueueService.${code}`, status })
}

export function queueDoesNotExist({ protocol }: Pick<AwsContext, 'protocol'>): AwsError {
  const text = `The specified queue does not exist${protocol === 'query' ? ' for this wsdl version' : ''}.`
  return new AwsError('QueueDoesNotExist', text, { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' })
}

export function queueNameExists(attribute: string): AwsError {
  const text = `A queue already exists with the same name and a different value for attribute ${attribute}`
  return new AwsError('QueueNameExists', text, { queryCode: 'QueueAlreadyExists' })
}

export function purgeInProgress(queue: string): AwsError {
  return named('PurgeQueueInProgress', `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.`, 403)
}

export function overLimit(message: string): AwsError {
  return new AwsError('OverLimit', message, { status: 403 })
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue' })
}

/** InvalidParameterValue with AWS's sentence about one parameter. */
export function invalidValue(value: unknown, parameter: string, reason: string): AwsError {
  return invalidParameter(`Value ${shortened(String(value))} for parameter ${parameter} is invalid. Reason: ${reason}`)
}

export function missingParameter(parameter: string): AwsError {
  const text = `The request must contain the parameter ${parameter}.`
  return new AwsError('MissingRequiredParameterException', text, { queryCode: 'MissingParameter' })
}

export function invalidAttributeName(message: string): AwsError {
  return new AwsError('InvalidAttributeName', message)
}

export function unknownAttribute(name: string): AwsError {
  return invalidAttributeName(`Unknown Attribute ${shortened(name)}.`)
}

export function invalidAttributeValue(name: string, reason?: string): AwsError {
  const text = `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}`}`
  return new AwsError('InvalidAttributeValue', text)
}

export function invalidMessageContents(): AwsError {
  const text =
    'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'
  return new AwsError('InvalidMessageContents', text)
}

export function receiptHandleIsInvalid(handle: string): AwsError {
  return new AwsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${shortened(handle)}" is not a valid receipt handle.`,
  )
}

export function messageNotInflight(handle: string): AwsError {
  const reason = 'Message does not exist or is not available for visibility timeout change.'
  return named(
    'MessageNotInflight',
    `Value ${shortened(handle)} for parameter ReceiptHandle is invalid. Reason: ${reason}`,
  )
}

export function emptyBatchRequest(entries: string): AwsError {
  return named('EmptyBatchRequest', `There should be at least one ${entries} in the request.`)
}

export function tooManyEntries(count: number): AwsError {
  const text = `Maximum number of entries per request are 10. You have sent ${count}.`
  return named('TooManyEntriesInBatchRequest', text)
}

export function batchEntryIdsNotDistinct(id: string): AwsError {
  return named('BatchEntryIdsNotDistinct', `Id ${id} repeated.`)
}

export function invalidBatchEntryId(): AwsError {
  const text =
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.'
  return named('InvalidBatchEntryId', text)
}

export function batchRequestTooLong(bytes: number, limit: number): AwsError {
  const text = `Batch requests cannot be longer than ${limit} bytes. You have sent ${bytes} bytes.`
  return named('BatchRequestTooLong', text)
}

export function resourceNotFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, { status: 404 })
}

/** What a complaint repeats of a value must not be a megabyte long. */
function shortened(text: string): string {
  return text.length <= 256 ? text : `${text.slice(0, 256)}...`
}
