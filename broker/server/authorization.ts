import { createHash, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '../wire/errors.ts'

/** Checks bearer tokens, in a time that tells nothing about how much of one was right. */
export class Authorization {
  readonly #expected: Buffer | undefined
  readonly #open: boolean

  /** Without a token everyone is let in when it is `open`, and otherwise nobody. */
  constructor(token: string | undefined, open = true) {
    this.#expected = token === undefined ? undefined : digest(token)
    this.#open = open
  }

  /**
   * @throws unauthorized
   */
  check(header: string | undefined): void {
    if (this.#expected === undefined) {
      if (this.#open) return
      throw new MillraceError('unauthorized', {
        reason: 'This broker has no token configured, and others can reach it: start it with --token.',
      })
    }
    const token = /^Bearer +(.+)$/i.exec(header ?? '')?.[1]
    if (token === undefined) throw new MillraceError('unauthorized', { reason: 'This broker wants a bearer token.' })
    if (!timingSafeEqual(digest(token), this.#expected)) {
      throw new MillraceError('unauthorized', { reason: 'This is not the token of this broker.' })
    }
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
