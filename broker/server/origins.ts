import type { IncomingHttpHeaders } from 'node:http'
import { MillraceError } from '../wire/errors.ts'

/**
 * Which pages may use the broker. A browser lets every page it shows reach any address that the machine reaches, this one's loopback
 * included, and says with it whose page that is: so a page of a stranger must not read or write what lies here.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>
  readonly #loopback: boolean

  /** `allowed` are origins such as `https://app.example.com`, or `*`; `loopback` says that only this machine reaches the broker. */
  constructor(allowed: readonly string[] = [], loopback = true) {
    this.#allowed = new Set(allowed.map((each) => each.toLowerCase().replace(/\/$/, '')))
    this.#loopback = loopback
  }

  /**
   * Lets in who is no page; a page that was allowed; where only this machine reaches the broker, this machine's own pages; and elsewhere
   * those that came from the broker's own address. By the address alone that could not be told here: a stranger's name may point at it.
   * @throws origin_refused
   */
  check(headers: IncomingHttpHeaders): void {
    const origin = headers.origin?.toLowerCase()
    if (origin === undefined || this.#allowed.has('*') || this.#allowed.has(origin)) return
    const host = /^https?:\/\/(.+)$/.exec(origin)?.[1]
    const authority = headers[':authority'] ?? headers.host
    if (host !== undefined && (this.#loopback ? isLoopbackHost(host) : host === authority)) return
    throw new MillraceError('origin_refused', { origin: headers.origin ?? '' })
  }
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host)
}
