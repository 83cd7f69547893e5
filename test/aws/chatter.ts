import { type ClientOptions, WebSocket } from 'ws'
import { until, within } from '../server/harness.ts'

/** A plain client, and what it heard. */
export class Chatter {
  readonly socket: WebSocket
  readonly heard: string[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  refusal: { status: number; body: string } | undefined
  readonly #opened: Promise<void>

  constructor(address: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(address, protocols, options)
    this.#opened = new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject))
    this.#opened.catch(() => undefined)
    this.socket.on('error', () => undefined)
    this.socket.on('message', (data, binary) => this.heard.push(binary ? 'binary' : String(data)))
    this.socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () => {
        this.refusal = { status: response.statusCode ?? 0, body }
        this.socket.terminate()
      })
    })
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (status, reason) => resolve({ code: status, reason: reason.toString() })),
    )
  }

  async open(): Promise<this> {
    await within(this.#opened, 'connected')
    return this
  }

  async hears(count: number): Promise<readonly string[]> {
    await until(() => this.heard.length >= count, `${count} messages came`)
    return this.heard
  }
}
