import type { Broker } from '../../broker.ts'
import { decodeAwsCbor } from '../../wire/aws-cbor.ts'
import { AwsError, serializationError } from '../../wire/aws-error.ts'
import { decodeAwsJson } from '../../wire/aws-json.ts'
import { decodeAwsQuery } from '../../wire/aws-query.ts'
import type { Signatures } from '../sigv4.ts'
import { type AnswerIds, type AwsAnswer, encodeAnswer, encodeDenied, encodeError, newIds } from './answer.ts'
import { checkInput } from './input.ts'
import type { AwsContext, AwsProtocol, AwsService } from './operation.ts'
import { type AwsHead, type Found, type ParsedHead, parseHead, type Registry, single } from './request.ts'
import { decodeRest } from './rest.ts'
import { translate } from './translate.ts'

/** A request: its head, and ways to its body and to whether anybody waits. */
export interface AwsRequest extends AwsHead {
  /** Reads the body to its end; `bytesMax` of it, if that is not the usual bound. */
  body(bytesMax?: number): Promise<Uint8Array>
  readonly signal: AbortSignal
}

/** Who is let in. `open`: whatever is signed, with any key; `closed`: nobody, since anybody could reach it. */
export type AwsAccess = Signatures | 'open' | 'closed'

/**
 * The AWS door: turns an HTTP request into a call of an operation, and what that returned, or threw, into an answer in the
 * protocol it was asked in.
 */
export class AwsDoor {
  readonly #broker: Broker
  readonly #registry: Registry
  readonly #access: AwsAccess

  constructor(broker: Broker, registry: Registry, access: AwsAccess) {
    this.#broker = broker
    this.#registry = registry
    this.#access = access
  }

  /** The services it opens to. */
  get services(): readonly AwsService[] {
    return this.#registry.services
  }

  /** The same door for calls that the broker itself makes, for somebody who was let in before: no signature is looked at. */
  trusting(): AwsDoor {
    return new AwsDoor(this.#broker, this.#registry, 'open')
  }

  /** Answers one request; rejects only when its body cannot be read to the end. */
  async answer(request: AwsRequest): Promise<AwsAnswer> {
    const ids = newIds(this.#broker.clock.now())
    const head = parseHead(request)
    const service = this.#registry.service(head)
    const protocol = this.#registry.protocol(service, head)
    let body: Uint8Array
    try {
      body = await request.body(this.#registry.bodyBytesMax(head, protocol))
    } catch (error) {
      return this.#refuse(error, protocol, service, ids, head, contextOf(head, protocol, ids, request.signal))
    }
    const isQuery = protocol === 'query' && (head.method === 'POST' || head.query.has('Action'))
    if (!isQuery && protocol !== 'rest' && head.method !== 'POST') return encodeDenied(ids)
    return this.#call(head, protocol, body, ids, request.signal)
  }

  /**
   * Who signed a request that asks for no operation of AWS's, such as one to a function's address.
   * @throws AwsError when it is not signed, or not by anybody who is let in
   */
  signer(request: AwsHead, body: Uint8Array, service: string): AwsContext {
    const head = parseHead(request)
    requireCredentials(head)
    if (this.#access === 'closed') throw closedError()
    if (this.#access !== 'open') this.#access.verify(head, body, service, false)
    return contextOf(head, 'rest', newIds(this.#broker.clock.now()), new AbortController().signal)
  }

  async #call(
    head: ParsedHead,
    protocol: AwsProtocol,
    body: Uint8Array,
    ids: AnswerIds,
    signal: AbortSignal,
  ): Promise<AwsAnswer> {
    let service = this.#registry.service(head)
    let context: AwsContext | undefined
    let input: object | undefined
    try {
      const found = this.#registry.find(head, protocol, body)
      service = found.service
      const value = decode(found, head, body)
      this.#authorize(head, found, body)
      context = contextOf(head, protocol, ids, signal)
      input = checkInput(value, found.operation.input)
      const output = await found.operation.run(this.#broker, input as never, context)
      return encodeAnswer(found, output, ids, head.contentType)
    } catch (error) {
      return this.#refuse(error, protocol, service, ids, head, context, input)
    }
  }

  #refuse(
    error: unknown,
    protocol: AwsProtocol,
    service: AwsService | undefined,
    ids: AnswerIds,
    head: ParsedHead,
    context?: AwsContext,
    input?: object,
  ): AwsAnswer {
    const translated = translate(error, service, context, input)
    if (translated.code === 'InternalFailure') this.#broker.onFault(translated.cause ?? error)
    return encodeError(translated, protocol, service, ids, head.contentType)
  }

  #authorize(head: ParsedHead, { operation, service, protocol }: Found, body: Uint8Array): void {
    if (this.#access === 'closed') throw closedError(protocol)
    if (operation.anonymous && head.scope === undefined) return
    requireCredentials(head)
    if (this.#access !== 'open') this.#access.verify(head, body, service.name, protocol === 'query')
  }
}

function decode({ operation, protocol, form, values = {} }: Found, head: ParsedHead, body: Uint8Array): unknown {
  if (protocol === 'rest') return decodeRest(operation, head, values, body)
  if (form !== undefined) return decodeAwsQuery(form, operation.input)
  if (body.length === 0) throw serializationError('The body is empty; an operation without any input takes {}.')
  return protocol === 'cbor' ? decodeAwsCbor(body) : decodeAwsJson(body)
}

function closedError(protocol?: AwsProtocol): AwsError {
  const text =
    'This broker has no AWS credentials configured, and others can reach it: start it with --aws-credentials ID:SECRET.'
  const status = protocol === 'query' ? 403 : 400
  return new AwsError('AccessDeniedException', text, { status, queryCode: 'AccessDenied' })
}

/** Whoever calls has to say who he is, in one way; whether he can prove it is another question. */
function requireCredentials({ headers: { authorization }, query }: ParsedHead): void {
  const inQuery = query.has('X-Amz-Algorithm')
  if (authorization !== undefined && inQuery) {
    const text = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    throw new AwsError('InvalidSignatureException', text)
  }
  if (authorization === undefined && !inQuery) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', {
      queryCode: 'MissingAuthenticationToken',
    })
  }
}

function contextOf(head: ParsedHead, protocol: AwsProtocol, { requestId }: AnswerIds, signal: AbortSignal): AwsContext {
  const { scope, secure, authority, path } = head
  const account = /^\d{12}$/.test(scope?.accessKey ?? '') ? (scope?.accessKey as string) : '000000000000'
  const origin = `${secure ? 'https' : 'http'}://${authority}`
  const trace = single(head.headers['x-amzn-trace-id'])
  const { region = 'us-east-1' } = scope ?? {}
  return { account, region, requestId, protocol, origin, path, anonymous: scope === undefined, trace, signal }
}
