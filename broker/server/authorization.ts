import { createHash, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '../wire/errors.ts'
import { type Access, fullAccess, Grant } from './access.ts'

export interface AuthorizationOptions {
  /** The broker's own token: whoever has it may do everything. */
  readonly token?: string | undefined
  /** Tokens that are good for less, and the rules of what for. */
  readonly grants?: Readonly<Record<string, readonly string[]>> | undefined
  /** Without any token everyone is let in when it is `open`, and otherwise nobody. Default true. */
  readonly open?: boolean
}

/** Checks tokens, in a time that tells nothing about how much of one was right, and says what each may do. */
export class Authorization {
  readonly #known: readonly { readonly token: Buffer; readonly access: Access }[]
  readonly #open: boolean

  /** @throws invalid_field for a grant that is none */
  constructor({ token, grants = {}, open = true }: AuthorizationOptions) {
    const granted = Object.entries(grants).map(([each, rules]) => ({ token: digest(each), access: new Grant(rules) }))
    this.#known = token === undefined ? granted : [{ token: digest(token), access: fullAccess }, ...granted]
    this.#open = open
  }

  /**
   * What the sender of an `authorization` header may do.
   * @throws unauthorized
   */
  check(header: string | undefined): Access {
    return this.admit(/^Bearer +(.+)$/i.exec(header ?? '')?.[1])
  }

  /**
   * What the bearer of a token may do.
   * @throws unauthorized
   */
  admit(token: string | undefined): Access {
    if (this.#known.length === 0) {
      if (this.#open) return fullAccess
      throw new MillraceError('unauthorized', {
        reason: 'This broker has no token configured, and others can reach it: start it with --token.',
      })
    }
    if (token === undefined) throw new MillraceError('unauthorized', { reason: 'This broker wants a bearer token.' })
    const given = digest(token)
    // All are compared, whichever it is.
    const matches = this.#known.filter((each) => timingSafeEqual(given, each.token))
    const match = matches[0]
    if (match === undefined) {
      throw new MillraceError('unauthorized', { reason: 'This is not the token of this broker.' })
    }
    return match.access
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
