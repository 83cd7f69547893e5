import { AwsError } from '../../wire/aws-error.ts'

export function notFound(text: string): AwsError {
  return new AwsError('ResourceNotFoundException', text)
}

export function alreadyExists(text: string): AwsError {
  return new AwsError('ResourceAlreadyExistsException', text)
}

export function invalid(text: string): AwsError {
  return new AwsError('ValidationException', text)
}

export function busNotFound(bus: string): AwsError {
  return notFound(`Event bus ${bus} does not exist.`)
}

export function limitExceeded(cause?: unknown): AwsError {
  const text = 'The requested resource exceeds the maximum number allowed.'
  return new AwsError('LimitExceededException', text, { cause })
}
