import { randomBytes, randomUUID } from 'node:crypto'
import { encodeAwsCbor } from '../../wire/aws-cbor.ts'
import type { AwsError } from '../../wire/aws-error.ts'
import { EncodedJson, encodeAwsJson } from '../../wire/aws-json.ts'
import { encodeAwsQuery, encodeAwsQueryError } from '../../wire/aws-query.ts'
import type { Channel } from '../../wire/channel.ts'
import { type AwsOutput, type AwsProtocol, AwsRaw, type AwsService, AwsStream } from './operation.ts'
import type { Found } from './request.ts'

/** An answer, ready to be sent; a `start` instead of bytes gets the channel once the head is out. */
export interface AwsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | ((channel: Channel) => void)
  /** To be called when the bytes are with the system, and only then. */
  readonly sent?: () => void
}

/** Encodes what an operation returned. */
export function encodeAnswer(
  { operation, service, protocol }: Pick<Found, 'operation' | 'service' | 'protocol'>,
  output: AwsOutput,
  ids: AnswerIds,
  contentType: string,
): AwsAnswer {
  const headers = idHeaders(ids, service)
  if (output instanceof AwsStream) {
    return {
      status: 200,
      headers: { ...headers, ...output.headers, 'content-type': output.contentType },
      body: output.start,
    }
  }
  if (output instanceof AwsRaw) return { ...output, headers: { ...headers, ...output.headers } }
  const type = answerType(protocol, service, contentType)
  const status = operation.http?.status ?? 200
  if (protocol === 'query') {
    const namespace = service.query?.namespace ?? ''
    const xml = encodeAwsQuery(operation.name, output, operation.output, { namespace, requestId: ids.requestId })
    return { status: 200, headers: { ...headers, 'content-type': type }, body: Buffer.from(xml) }
  }
  if (output === undefined) return { status, headers: { ...headers, 'content-type': type }, body: empty }
  const body = protocol === 'cbor' ? encodeAwsCbor(output) : encodeAwsJson(output)
  const answer = { status, headers: { ...headers, 'content-type': type }, body }
  return output instanceof EncodedJson && protocol === 'json' ? { ...answer, sent: output.sent } : answer
}

/** Encodes an error, as the protocol of the request carries it. */
export function encodeError(
  error: AwsError,
  protocol: AwsProtocol,
  service: AwsService | undefined,
  ids: AnswerIds,
  contentType: string,
): AwsAnswer {
  const headers: Record<string, string> = {
    ...idHeaders(ids, service),
    'content-type': answerType(protocol, service, contentType),
    'x-amzn-errortype': error.code,
  }
  if (protocol === 'query') {
    const xml = encodeAwsQueryError(error, service?.query?.namespace ?? '', ids.requestId)
    return { status: error.status, headers, body: Buffer.from(xml) }
  }
  // Clients that once spoke Query to this service still look for its codes.
  if (service?.query !== undefined) headers['x-amzn-query-error'] = `${error.queryCode};${error.fault}`
  const value =
    protocol === 'rest'
      ? {
          Type: error.fault === 'Sender' ? 'User' : 'Server',
          Message: error.message,
          message: error.message,
          ...error.members,
        }
      : { __type: error.code, message: error.message, ...error.members }
  return {
    status: error.status,
    headers,
    body: protocol === 'cbor' ? encodeAwsCbor(value) : encodeAwsJson(value),
  }
}

/** The answer to a request that names nothing at all, which AWS gives in XML whatever was asked. */
export function encodeDenied(ids: AnswerIds): AwsAnswer {
  const message = 'Unable to determine service/operation name to be authorized'
  const xml = `<AccessDeniedException>\n  <Message>${message}</Message>\n</AccessDeniedException>\n`
  return { status: 403, headers: idHeaders(ids, undefined), body: Buffer.from(xml) }
}

export interface AnswerIds {
  readonly requestId: string
  /** The Date header's value. */
  readonly date: string
}

/** New ids for an answer; `now` is the broker's clock, by which clients correct their own. */
export function newIds(now: number): AnswerIds {
  return { requestId: randomUUID(), date: new Date(now).toUTCString() }
}

function idHeaders({ requestId, date }: AnswerIds, service: AwsService | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'x-amzn-requestid': requestId, date }
  if (service?.extendedId) headers['x-amz-id-2'] = randomBytes(48).toString('base64')
  return headers
}

/** AWS answers in the very type it was asked in; what has none of AWS's own gets the service's. */
function answerType(protocol: AwsProtocol, service: AwsService | undefined, asked: string): string {
  if (protocol === 'query') return 'text/xml'
  if (protocol === 'rest') return 'application/json'
  if (asked.startsWith('application/x-amz-')) return asked
  return protocol === 'cbor' ? 'application/x-amz-cbor-1.1' : `application/x-amz-json-${service?.json ?? '1.1'}`
}

const empty = new Uint8Array(0)
