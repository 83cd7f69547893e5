import { AwsError } from '../../wire/aws-error.ts'
import type { MillraceError } from '../../wire/errors.ts'

export function notFound(what: string): AwsError {
  return new AwsError('NotFoundException', `Invalid ${what} identifier specified`, { status: 404 })
}

export function badRequest(text: string): AwsError {
  return new AwsError('BadRequestException', text)
}

export function conflict(text: string): AwsError {
  return new AwsError('ConflictException', text, { status: 409 })
}

export function tooMany(text: string): AwsError {
  return new AwsError('TooManyRequestsException', text, { status: 429 })
}

/** Millrace's errors in API Gateway's words. */
export function translateApiGateway(error: MillraceError): AwsError | undefined {
  return error.code === 'limit_exceeded' ? tooMany(`${error.message} ${error.fix}`) : undefined
}
