import type { IncomingHttpHeaders } from 'node:http'
import { AwsError } from '../../wire/aws-error.ts'
import type { AwsOperation, AwsProtocol, AwsService } from './operation.ts'
import { type PathValues, RestRoutes } from './rest.ts'

/** A request's head, whatever version of HTTP it came by. */
export interface AwsHead {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Host and port as the client knows them: `host`, or `:authority`. */
  readonly authority: string
  readonly secure: boolean
}

/** What a credential scope says: `Credential=AKID/20261101/us-east-1/kinesis/aws4_request`. */
export interface CredentialScope {
  readonly accessKey: string
  readonly date: string
  readonly region: string
  readonly service: string
}

/** A head that was looked at. */
export interface ParsedHead extends AwsHead {
  readonly path: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly target: string | undefined
  readonly scope: CredentialScope | undefined
}

export function parseHead(head: AwsHead): ParsedHead {
  const mark = head.url.indexOf('?')
  const path = mark < 0 ? head.url : head.url.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : head.url.slice(mark + 1))
  const contentType = (head.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const target = single(head.headers['x-amz-target'])
  return { ...head, path, query, contentType, target, scope: scopeOf(head.headers.authorization, query) }
}

function scopeOf(authorization: string | undefined, query: URLSearchParams): CredentialScope | undefined {
  const credential = /Credential=([^,\s]+)/.exec(authorization ?? '')?.[1] ?? query.get('X-Amz-Credential')
  const parts = credential?.split('/') ?? []
  // An access key may hold slashes; the scope behind it has four parts.
  const [date, region, service, end] = parts.slice(-4)
  if (parts.length < 5 || end !== 'aws4_request' || !date || !region || !service) return undefined
  return { accessKey: parts.slice(0, -4).join('/'), date, region, service }
}

/**
 * Whether a request is AWS's rather than the native API's: it is signed, or names a target, or carries a content type or a form as
 * only AWS's clients do.
 */
export function isAws(head: AwsHead): boolean {
  const { headers, url, method } = head
  if (headers.authorization?.startsWith('AWS4-') || headers['x-amz-target'] !== undefined) return true
  const type = headers['content-type'] ?? ''
  if (type.startsWith('application/x-amz-') || restPath.test(url)) return true
  if (method === 'POST' && type.startsWith('application/x-www-form-urlencoded') && !isNative(url)) return true
  return /[?&](X-Amz-Algorithm|Action)=/.test(url) && !isNative(url)
}

/** Paths of REST services begin with the date of their version; those of certificates with the name of who signs by them. */
const restPath = /^\/(20\d\d-\d\d-\d\d|SimpleNotificationService)\//

function isNative(url: string): boolean {
  return /^\/(v1|healthz)([/?]|$)/.test(url)
}

/** The operation a request asks for, and how its body is to be read. */
export interface Found {
  readonly service: AwsService
  readonly operation: AwsOperation
  readonly protocol: AwsProtocol
  /** Query: the form, from the address or from the body. */
  readonly form: URLSearchParams | undefined
  /** REST: what stands in the path. */
  readonly values?: PathValues
}

/** Finds services and their operations by what requests say. */
export class Registry {
  readonly services: readonly AwsService[]
  readonly #byName = new Map<string, AwsService>()
  readonly #byTarget = new Map<string, AwsService>()
  readonly #byVersion = new Map<string, AwsService>()
  readonly #operations = new Map<AwsService, Map<string, AwsOperation>>()
  readonly #rest: RestRoutes

  constructor(services: readonly AwsService[]) {
    this.services = services
    this.#rest = new RestRoutes(services)
    for (const service of services) {
      this.#byName.set(service.name, service)
      for (const target of service.targets) this.#byTarget.set(target, service)
      if (service.query !== undefined) this.#byVersion.set(service.query.version, service)
      this.#operations.set(service, new Map(service.operations.map((each) => [each.name, each])))
    }
  }

  /** The service a head names: by its credential's scope, else by its target, else by the version of a query. */
  service(head: ParsedHead): AwsService | undefined {
    const { scope, target, query } = head
    return (
      this.#byName.get(scope?.service ?? '') ??
      this.#byTarget.get(target?.slice(0, target.lastIndexOf('.')) ?? '') ??
      this.#byVersion.get(query.get('Version') ?? '') ??
      this.#rest.find(head, undefined)?.service
    )
  }

  /** How a request to `service` and its answer are encoded. */
  protocol(service: AwsService | undefined, { contentType, target, query }: ParsedHead): AwsProtocol {
    if (service?.rest && target === undefined) return 'rest'
    if (contentType.startsWith('application/x-amz-cbor')) return 'cbor'
    if (target !== undefined || contentType.includes('json')) return 'json'
    if (query.has('Action') || contentType === 'application/x-www-form-urlencoded') return 'query'
    return service?.query !== undefined && service.json === undefined ? 'query' : 'json'
  }

  /**
   * @throws AwsError UnknownOperationException, or InvalidAction for a query
   */
  find(head: ParsedHead, protocol: AwsProtocol, body: Uint8Array): Found {
    if (protocol === 'rest') return this.#findRest(head)
    const form = protocol === 'query' ? formOf(head, body) : undefined
    const name = form === undefined ? head.target?.slice(head.target.lastIndexOf('.') + 1) : form.get('Action')
    const service = this.service(head) ?? this.#byVersion.get(form?.get('Version') ?? '')
    const operation = service && this.#operations.get(service)?.get(name ?? '')
    if (service === undefined || operation === undefined || !this.#speaks(service, protocol, head)) {
      throw unknownOperation(protocol, service, name)
    }
    return { service, operation, protocol, form }
  }

  /** How large the body of a request may be, where its head alone says what it asks for. */
  bodyBytesMax(head: ParsedHead, protocol: AwsProtocol): number | undefined {
    return protocol === 'rest' ? this.#rest.find(head, this.service(head))?.operation.bodyBytesMax : undefined
  }

  #findRest(head: ParsedHead): Found {
    const service = this.service(head)
    const found = this.#rest.find(head, service)
    if (found === undefined) throw unknownOperation('rest', service, `${head.method} ${head.path}`)
    return { ...found, protocol: 'rest', form: undefined }
  }

  #speaks(service: AwsService, protocol: AwsProtocol, { target }: ParsedHead): boolean {
    if (protocol === 'query') return service.query !== undefined
    if (protocol === 'cbor' && service.cbor === undefined) return false
    return service.json !== undefined && service.targets.includes(target?.slice(0, target.lastIndexOf('.')) ?? '')
  }
}

function formOf({ query }: ParsedHead, body: Uint8Array): URLSearchParams {
  if (query.has('Action')) return query
  return new URLSearchParams(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'))
}

function unknownOperation(
  protocol: AwsProtocol,
  service: AwsService | undefined,
  name: string | null | undefined,
): AwsError {
  const what =
    service === undefined ? 'a service that is known here' : `an operation of ${service.name} that is known here`
  if (protocol === 'query') {
    return new AwsError(
      'InvalidAction',
      `The action ${name ?? '(none)'} is not valid for this endpoint: it is not ${what}.`,
    )
  }
  const status = protocol === 'rest' ? 404 : 400
  return new AwsError('UnknownOperationException', `${name ?? 'The request'} does not name ${what}.`, { status })
}

export function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(',')
}
