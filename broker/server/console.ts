import { readdir, readFile } from 'node:fs/promises'
import { MillraceError } from '../wire/errors.ts'
import type { Request, Response } from './http-exchange.ts'

export const consolePath = '/console'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** Scripts and styles of its own, calls to its own broker, and nothing from anywhere else. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The files of the web console. They hold nothing that is secret: what they show comes by the native API, which asks for the token. */
export class Console {
  readonly #directory: URL
  #files: Promise<ReadonlyMap<string, Buffer>> | undefined

  constructor(directory: URL) {
    this.#directory = directory
  }

  /** @throws route_not_found, internal when the package is not whole */
  async answer(path: string, request: Request, response: Response): Promise<void> {
    request.resume()
    if (path === consolePath) {
      response.writeHead(308, { location: `${consolePath}/`, 'content-length': 0 })
      response.end()
      return
    }
    this.#files ??= this.#read()
    const name = path.slice(consolePath.length + 1) || 'index.html'
    const file = (await this.#files).get(name)
    if (file === undefined) throw new MillraceError('route_not_found', { method: 'GET', path })
    response.writeHead(200, {
      'content-type': types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      'content-length': file.length,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    response.end(file)
  }

  /** All of them, by name: what is not among them is not to be had, whatever the path says. */
  async #read(): Promise<ReadonlyMap<string, Buffer>> {
    try {
      const names = (await readdir(this.#directory)).filter((name) => /\.(html|css|js)$/.test(name))
      const read = async (name: string) => [name, await readFile(new URL(name, this.#directory))] as const
      return new Map(await Promise.all(names.map(read)))
    } catch (cause) {
      this.#files = undefined
      throw new MillraceError('internal', { reason: 'the web console is missing from this installation' }, cause)
    }
  }
}
