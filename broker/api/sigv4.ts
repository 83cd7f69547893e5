import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { AwsError } from '../wire/aws-error.ts'
import { type ParsedHead, single } from './aws/request.ts'

/** How far a request's time may be from the broker's. */
const skewMillisMax = 5 * 60 * 1000
const keysMax = 1_000
const algorithm = 'AWS4-HMAC-SHA256'

/** What a request says of its signature, in its headers or its address. */
interface Said {
  readonly accessKey: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** 20261101T120000Z */
  readonly time: string
  /** How long a presigned address lasts. */
  readonly expiresSeconds: number | undefined
}

/**
 * Checks signatures of version 4 ("Create a signed AWS API request" in the IAM User Guide), in headers or presigned addresses, over
 * HTTP/1.1, where `host` is signed, and HTTP/2, where `:authority` may be.
 */
export class Signatures {
  readonly #secrets: ReadonlyMap<string, string>
  readonly #clock: Clock
  /** Signing keys by secret's id and scope: four HMACs saved per request. */
  readonly #keys = new Map<string, Buffer>()

  /** `secrets`: access key id to secret. */
  constructor(secrets: ReadonlyMap<string, string>, clock: Clock) {
    this.#secrets = secrets
    this.#clock = clock
  }

  /**
   * @throws AwsError IncompleteSignature, InvalidSignature, UnrecognizedClient; `query` chooses the codes of the Query protocol
   */
  verify(head: ParsedHead, body: Uint8Array, service: string, query: boolean): void {
    const said = head.query.has('X-Amz-Algorithm') ? fromQuery(head.query) : fromHeaders(head)
    const secret = this.#secrets.get(said.accessKey)
    if (secret === undefined) {
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', {
        status: query ? 403 : 400,
        queryCode: 'InvalidClientTokenId',
      })
    }
    const refuse = (text: string) =>
      new AwsError('InvalidSignatureException', text, {
        status: query ? 403 : 400,
        queryCode: 'SignatureDoesNotMatch',
      })
    this.#requireTimely(said, refuse)
    if (said.service !== service) throw refuse(`Credential should be scoped to correct service: '${service}'. `)
    const scope = `${said.date}/${said.region}/${said.service}/aws4_request`
    const text = `${algorithm}\n${said.time}\n${scope}\n${sha256(canonicalRequest(head, said, body))}`
    const expected = createHmac('sha256', this.#key(said, secret)).update(text).digest()
    const given = Buffer.from(said.signature, 'hex')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw refuse(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      )
    }
  }

  #requireTimely({ time, date, expiresSeconds }: Said, refuse: (text: string) => AwsError): void {
    const now = this.#clock.now()
    const signed = parseTime(time)
    if (signed === undefined || !time.startsWith(date)) {
      throw refuse(
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${time.slice(0, 8)}', from '${time}'.`,
      )
    }
    const validMillis = expiresSeconds === undefined ? skewMillisMax : expiresSeconds * 1000
    if (signed + validMillis < now) {
      throw refuse(
        `Signature expired: ${time} is now earlier than ${timeText(now - validMillis)} (${timeText(now)} - ${validMillis / 60_000} min.)`,
      )
    }
    if (signed - skewMillisMax > now) {
      throw refuse(
        `Signature not yet current: ${time} is still later than ${timeText(now + skewMillisMax)} (${timeText(now)} + 5 min.)`,
      )
    }
  }

  #key({ accessKey, date, region, service }: Said, secret: string): Buffer {
    const name = `${accessKey}/${date}/${region}/${service}`
    let key = this.#keys.get(name)
    if (key === undefined) {
      key = [date, region, service, 'aws4_request'].reduce<Buffer>(
        (last, part) => createHmac('sha256', last).update(part).digest(),
        Buffer.from(`AWS4${secret}`),
      )
      if (this.#keys.size >= keysMax) this.#keys.clear()
      this.#keys.set(name, key)
    }
    return key
  }
}

function fromHeaders({ headers, scope }: ParsedHead): Said {
  const authorization = headers.authorization ?? ''
  const part = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1]
  const signature = part('Signature')
  const signedHeaders = part('SignedHeaders')
  const time = single(headers['x-amz-date']) ?? headers.date
  const missing = [
    ...(scope === undefined ? ['Credential'] : []),
    ...(signature === undefined ? ['Signature'] : []),
    ...(signedHeaders === undefined ? ['SignedHeaders'] : []),
  ].map((name) => `Authorization header requires '${name}' parameter. `)
  if (time === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
  }
  if (
    missing.length > 0 ||
    scope === undefined ||
    signature === undefined ||
    signedHeaders === undefined ||
    time === undefined
  ) {
    throw incomplete(`${missing.join('')}Authorization=${authorization.slice(0, 1024)}`)
  }
  const compact = parseTime(time) === undefined ? timeText(Date.parse(time)) : time
  return { ...scope, signature, signedHeaders: signedHeaders.split(';'), time: compact, expiresSeconds: undefined }
}

function fromQuery(query: URLSearchParams): Said {
  const names = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date']
  const missing = names.filter((name) => !query.get(name))
  if (missing.length > 0) {
    const texts = missing.map((name) => `AWS query-string parameters must include '${name}'. `)
    throw incomplete(`${texts.join('')}Re-examine the query-string parameters.`)
  }
  const value = (name: string) => query.get(name) ?? ''
  const [accessKey = '', date = '', region = '', service = ''] = value('X-Amz-Credential').split('/')
  const expires = query.get('X-Amz-Expires')
  return {
    accessKey,
    date,
    region,
    service,
    signature: value('X-Amz-Signature'),
    signedHeaders: value('X-Amz-SignedHeaders').split(';'),
    time: value('X-Amz-Date'),
    expiresSeconds: expires !== null && /^\d{1,6}$/.test(expires) ? Number(expires) : undefined,
  }
}

function canonicalRequest(head: ParsedHead, { signedHeaders }: Said, body: Uint8Array): string {
  const headers = signedHeaders.map((name) => `${name}:${headerText(head, name)}\n`).join('')
  const payload =
    single(head.headers['x-amz-content-sha256']) === 'UNSIGNED-PAYLOAD' ? 'UNSIGNED-PAYLOAD' : sha256(body)
  const path = head.path.split('/').map(encode).join('/') || '/'
  return [head.method, path, canonicalQuery(head.url), headers, signedHeaders.join(';'), payload].join('\n')
}

function headerText(head: ParsedHead, name: string): string {
  if (name === 'host' || name === ':authority') return head.authority
  return (single(head.headers[name]) ?? '').trim().replace(/\s+/g, ' ')
}

function canonicalQuery(url: string): string {
  const mark = url.indexOf('?')
  if (mark < 0) return ''
  return url
    .slice(mark + 1)
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const at = pair.indexOf('=')
      return at < 0 ? [recoded(pair), ''] : [recoded(pair.slice(0, at)), recoded(pair.slice(at + 1))]
    })
    .sort(([name = '', value = ''], [otherName = '', otherValue = '']) => {
      if (name !== otherName) return name < otherName ? -1 : 1
      return value < otherValue ? -1 : value > otherValue ? 1 : 0
    })
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function recoded(text: string): string {
  try {
    return encode(decodeURIComponent(text))
  } catch {
    // What is no percent-encoding cannot have been signed as one: taken as it is, it simply doesn't match.
    return text
  }
}

/** RFC 3986's unreserved characters stay, as Signature Version 4 wants it. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

function timeText(millis: number): string {
  return Number.isNaN(millis) ? '' : `${new Date(millis).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

function incomplete(text: string): AwsError {
  return new AwsError('IncompleteSignatureException', text, { queryCode: 'IncompleteSignature' })
}
