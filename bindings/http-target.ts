import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, type Dispatcher, errors, request } from 'undici'
import { isPrivateAddress } from './private-address.ts'
import type { Delivered } from './targets.ts'

/** How long an answer may take, to its last byte. */
const answerMillisDefault = 30_000
/** What is read of an answer. */
const answerBytesMax = 6 * 1024 * 1024

/** A request to an endpoint. */
export interface HttpDelivery {
  readonly url: string
  /** POST by default. */
  readonly method?: string
  /** JSON, from millrace, unless these say otherwise. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly answerMillisMax?: number
}

/** Delivers events by HTTP; every status from 200 to 299 is success. Redirects are not followed. */
export class HttpTarget {
  readonly #privateAddresses: boolean
  readonly #agent: Agent

  constructor(privateAddresses: boolean) {
    this.#privateAddresses = privateAddresses
    // The address is looked at where it is used: a name may stand for another one the next time.
    const connect = privateAddresses ? {} : { lookup: publicLookup }
    this.#agent = new Agent({ connect, headersTimeout: answerMillisDefault, bodyTimeout: answerMillisDefault })
  }

  /** Resolves with how it ended, whatever that is; an answer that never ends is cut off. */
  async send(delivery: HttpDelivery): Promise<Delivered> {
    const { url, method = 'POST', body, answerMillisMax = answerMillisDefault } = delivery
    const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : ''
    if (!this.#privateAddresses && isIP(host) !== 0 && isPrivateAddress(host)) {
      return failure('Http.PrivateAddress', refusal(host))
    }
    try {
      const headers = { 'content-type': 'application/json', 'user-agent': 'millrace', ...delivery.headers }
      // Endpoints live by the time of the network, whatever the broker's clock says.
      const signal = AbortSignal.timeout(answerMillisMax)
      const bodiless = method === 'GET' || method === 'HEAD'
      const options = { method: method as Dispatcher.HttpMethod, headers, dispatcher: this.#agent, signal }
      const answer = await request(url, bodiless ? options : { ...options, body })
      const payload = await bytesOf(answer.body)
      const { statusCode: status } = answer
      if (status >= 200 && status < 300) return { ...outcome(false, payload), status }
      const failed = failure('Http.Status', `${url} answered with ${status}`)
      const retryAfterMillis = secondsIn(answer.headers['retry-after'])
      return { ...failed, status, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) }
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        return failure('Http.Timeout', `${url} has not answered in full within ${answerMillisMax} ms`)
      if (error instanceof errors.UndiciError || isNetworkError(error))
        return failure('Http.Unreachable', String(error))
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > answerBytesMax) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Retry-After in seconds, as milliseconds; a date is not looked at. */
function secondsIn(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined
}

function isNetworkError(error: unknown): boolean {
  return error instanceof Error && 'code' in error
}

function outcome(failed: boolean, payload: Uint8Array): Delivered {
  return { failed, payload, requestId: '', version: '' }
}

function failure(errorType: string, errorMessage: string): Delivered {
  return outcome(true, Buffer.from(JSON.stringify({ errorType, errorMessage })))
}

function refusal(host: string): string {
  return `${host} is an address of this machine or of a private network: --private-targets lets bindings reach it`
}

/** Resolves names as the system does, and refuses those that lead to private addresses. */
const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) done(error, '')
    else if (addresses.some(({ address }) => isPrivateAddress(address)))
      done(Object.assign(new Error(refusal(host)), { code: 'EACCES' }), '')
    else if (options.all === true) done(null, addresses)
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family)
  })
}
