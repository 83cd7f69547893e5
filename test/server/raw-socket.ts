import { connect, type Socket } from 'node:net'
import { within } from './harness.ts'

/** A TCP connection and all that came over it, for what no well-behaved client would say. */
export class RawSocket {
  readonly socket: Socket
  received = Buffer.alloc(0)
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
  #wake: (() => void)[] = []

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('error', () => undefined)
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      for (const wake of this.#wake.splice(0)) wake()
    })
    this.closed = new Promise((resolve) =>
      this.socket.on('close', () => {
        resolve()
        for (const wake of this.#wake.splice(0)) wake()
      }),
    )
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes)
  }

  /** All that was received, as text. */
  get text(): string {
    return this.received.toString('latin1')
  }

  /** Waits until what was received holds `pattern`, as often as `times`; the error shows what came instead. */
  async sees(pattern: RegExp, times = 1): Promise<RegExpMatchArray> {
    for (;;) {
      const found = [...this.text.matchAll(new RegExp(pattern, 'g'))]
      if (found.length >= times) return found.at(-1) as RegExpMatchArray
      if (this.socket.destroyed)
        throw new Error(`closed before ${pattern} came; what came: ${this.text.slice(0, 2_000)}`)
      await within(
        new Promise<void>((resolve) => this.#wake.push(resolve)),
        `${pattern} is received, ${times} times (so far: ${this.text.slice(0, 2_000)})`,
      )
    }
  }

  destroy(): void {
    this.socket.destroy()
  }
}
