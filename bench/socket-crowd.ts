import { Packr } from 'msgpackr'
import { WebSocket } from 'ws'
import {
  creditPayload,
  messageKinds,
  readSocketMessage,
  socketMessage,
  socketPath,
  socketProtocol,
} from '../broker/wire/socket-message.ts'

const packr = new Packr({ useRecords: false })
const creditBytes = 1024 * 1024
/** Handshakes under way at once. */
const openingMax = 200

/** Many readers of what a server sends to all, as light as they can be: they count messages and look at nothing. */
export class SocketCrowd {
  readonly #sockets: WebSocket[] = []
  #heard = 0
  #target = 0
  #reached: () => void = () => undefined

  /** Messages heard, all sockets together. */
  get heard(): number {
    return this.#heard
  }

  /** Resolves when so many messages were heard, all sockets together. */
  hears(messages: number): Promise<void> {
    this.#target = messages
    if (this.#heard >= messages) return Promise.resolve()
    return new Promise((resolve) => {
      this.#reached = resolve
    })
  }

  /** Readers of a stream of a broker, each told where reading begins. */
  async subscribe(url: string, stream: string, count: number): Promise<void> {
    const body = { from: 'latest', heartbeatMillis: 60_000 }
    const open = packr.pack({ path: `/v1/streams/${stream}/subscribe`, credit: creditBytes, body })
    await this.#open(`${url}${socketPath}`, [socketProtocol], count, (socket) => {
      let taken = 0
      socket.send(socketMessage(messageKinds.open, 0, open))
      return (data) => {
        const { kind, payload } = readSocketMessage(data)
        if (kind !== messageKinds.data) return false
        taken += payload.length
        if (taken >= creditBytes / 2) {
          socket.send(socketMessage(messageKinds.credit, 0, creditPayload(taken)))
          taken = 0
        }
        return true
      }
    })
    // Each was sent the position it reads from.
    await this.hears(this.#sockets.length)
    this.#heard = 0
  }

  /** Readers of a server that sends what it gets to all. */
  async join(url: string, count: number): Promise<void> {
    await this.#open(url, [], count, () => () => true)
  }

  async close(): Promise<void> {
    const closed = this.#sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of this.#sockets) socket.terminate()
    await Promise.all(closed)
  }

  /** `begin` is handed each open socket, and gives what says whether a message counts. */
  async #open(
    url: string,
    protocols: string[],
    count: number,
    begin: (socket: WebSocket) => (data: Buffer) => boolean,
  ): Promise<void> {
    for (let left = count; left > 0; left -= openingMax) {
      await Promise.all(
        Array.from({ length: Math.min(openingMax, left) }, async () => {
          const socket = new WebSocket(url, protocols, { perMessageDeflate: false })
          this.#sockets.push(socket)
          await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
          const counts = begin(socket)
          socket.on('message', (data: Buffer) => {
            if (counts(data) && ++this.#heard === this.#target) this.#reached()
          })
        }),
      )
    }
  }
}
