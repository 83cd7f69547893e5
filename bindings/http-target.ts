import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, errors, request } from 'undici'
import { isPrivateAddress } from './private-address.ts'
import type { Delivered } from './targets.ts'

/** How long an answer may take. */
const answerMillisMax = 30_000
/** What is read of an answer. */
const answerBytesMax = 6 * 1024 * 1024

/** Delivers events by HTTP: POST with the event as JSON; every status from 200 to 299 is success. Redirects are not followed. */
export class HttpTarget {
  readonly #privateAddresses: boolean
  readonly #agent: Agent

  constructor(privateAddresses: boolean) {
    this.#privateAddresses = privateAddresses
    // The address is looked at where it is used: a name may stand for another one the next time.
    const connect = privateAddresses ? {} : { lookup: publicLookup }
    this.#agent = new Agent({ connect, headersTimeout: answerMillisMax, bodyTimeout: answerMillisMax })
  }

  async post(url: string, body: Uint8Array): Promise<Delivered> {
    const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
    if (!this.#privateAddresses && isIP(host) !== 0 && isPrivateAddress(host)) {
      return failure('Http.PrivateAddress', refusal(host))
    }
    try {
      const headers = { 'content-type': 'application/json', 'user-agent': 'millrace' }
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: this.#agent })
      const payload = await bytesOf(answer.body)
      if (answer.statusCode >= 200 && answer.statusCode < 300) return outcome(false, payload)
      return failure('Http.Status', `${url} answered with ${answer.statusCode}`)
    } catch (error) {
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
