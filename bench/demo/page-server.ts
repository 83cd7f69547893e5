import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../../../bench/demo/flights.html', import.meta.url))

/** Serves the page with the live chart, from this machine, whose pages a broker on it lets in. */
export class PageServer {
  readonly #server: Server
  /** Where the page is that shows the stream of the broker it was opened with. */
  readonly url: string
  /** Resolves when somebody opened it. */
  readonly opened: Promise<void>

  private constructor(server: Server, brokerUrl: string, opened: Promise<void>) {
    this.#server = server
    this.url = `http://localhost:${(server.address() as AddressInfo).port}/?broker=${encodeURIComponent(brokerUrl)}`
    this.opened = opened
  }

  static async open(brokerUrl: string): Promise<PageServer> {
    const page = await readFile(file)
    const server = createServer()
    const opened = new Promise<void>((resolve) => {
      server.on('request', (request, response) => {
        const found = request.url?.startsWith('/?') === true
        response.writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' })
        response.end(found ? page : '')
        if (found) resolve()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    return new PageServer(server, brokerUrl, opened)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
