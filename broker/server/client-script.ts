import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { MillraceError } from '../wire/errors.ts'
import type { Request, Response } from './http-exchange.ts'

/** Where pages import the client from. */
export const clientScriptPath = '/client.js'

interface Script {
  readonly plain: Buffer
  readonly zipped: Buffer
  readonly tag: string
}

/** The client as one module for pages; it holds no secret, so everybody may have it. */
export class ClientScript {
  readonly #file: URL
  #script: Promise<Script> | undefined

  constructor(file: URL) {
    this.#file = file
  }

  /** @throws internal when the package is not whole */
  async answer(request: Request, response: Response): Promise<void> {
    this.#script ??= this.#read()
    const { plain, zipped, tag } = await this.#script
    const headers = {
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
      etag: tag,
    }
    request.resume()
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304, headers)
      response.end()
      return
    }
    const small = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
    const bytes = small ? zipped : plain
    response.writeHead(200, {
      ...headers,
      'content-length': bytes.length,
      ...(small ? { 'content-encoding': 'gzip' } : {}),
    })
    response.end(bytes)
  }

  async #read(): Promise<Script> {
    const plain = await readFile(this.#file).catch((cause: unknown) => {
      throw new MillraceError('internal', { reason: `${clientScriptPath} is missing from this installation` }, cause)
    })
    const zipped = await promisify(gzip)(plain, { level: 9 })
    return { plain, zipped, tag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"` }
  }
}
