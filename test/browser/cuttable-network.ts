import { connect, createServer, type Server, type Socket } from 'node:net'

/** A network between a page and a broker, which can be cut and mended. */
export class CuttableNetwork {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #whole = true
  /** Connections there were. */
  connections = 0

  constructor(port: number) {
    this.#server = createServer((near) => {
      if (!this.#whole) {
        near.destroy()
        return
      }
      this.connections++
      const far = connect(port, '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
        from.on('error', () => to.destroy())
        from.pipe(to)
      }
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#whole = false
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#whole = true
  }

  close(): void {
    this.cut()
    this.#server.close()
  }
}
