import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { type Browser, chromium, type Page } from 'playwright-core'

const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
/** A browser on this machine; undefined without one. */
export const browserPath = places.find((path) => path !== undefined && existsSync(path))
export const howToGetOne = 'no Chromium is installed here; apt-get install chromium, or set CHROMIUM_PATH'

/** Empty pages in a browser without a window, from an address that is not the broker's. */
export class Pages {
  readonly #browser: Browser
  readonly #server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><title>a page</title>')
  })
  /** What pages said on their consoles that was an error. */
  readonly errors: string[] = []

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  static async open(): Promise<Pages> {
    const browser = await chromium.launch({
      ...(browserPath === undefined ? {} : { executablePath: browserPath }),
      // A name that is not this machine's and leads to it, as a stranger's page has one.
      args: ['--no-sandbox', '--host-resolver-rules=MAP stranger.example 127.0.0.1'],
    })
    const pages = new Pages(browser)
    await new Promise<void>((resolve) => pages.#server.listen(0, '127.0.0.1', resolve))
    return pages
  }

  /** A new page from `host`; `url` when it is to be another than an empty one. */
  async page(host = 'localhost', url = `http://${host}:${this.#port}/`): Promise<Page> {
    const page = await this.#browser.newPage()
    page.on('pageerror', (error) => this.errors.push(error.message))
    await page.goto(url)
    return page
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  get #port(): number {
    return (this.#server.address() as { port: number }).port
  }
}

/** Runs the body of an async function in a page, with `connect` of the client that the broker at `url` serves. */
export function run<T>(page: Page, url: string, body: string): Promise<T> {
  const result = page.evaluate<T>(`(async () => {
    const { connect, MillraceError } = await import('${url}/client.js')
    ${body}
  })()`)
  // A test that ended meanwhile, because something else failed, does not wait for it.
  result.catch(() => undefined)
  return result
}
