import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

const headEnd = Buffer.from('\r\n\r\n')

/**
 * One connection of HTTP/1.1 to the Runtime API, whose answers all have a Content-Length. Requests do not wait for the answers of those before them
 * (RFC 9112 section 9.3.2), and those of one turn leave in one write: the response to one event and the request for the next are one wake-up of the
 * broker. That is most of what an invocation costs beside its handler.
 */
export class HttpConnection {
  readonly #host: string
  readonly #port: number
  readonly #waiting: Waiting[] = []
  #socket: Socket | undefined
  #received: Buffer[] = []
  #receivedBytes = 0
  /** Of the answer that is coming, once its head is there: before that many bytes there is no point in looking. */
  #neededBytes = 0
  #outgoing: string[] = []

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  /** Sends a request; resolves with its answer, and rejects when the connection ends before. */
  call(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#socket ??= this.#open()
      this.#waiting.push({ resolve, reject })
      // A process that waits for an answer has something to do.
      this.#socket.ref()
      if (this.#outgoing.length === 0) process.nextTick(() => this.#write())
      const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}:${this.#port}\r\n`
      if (body === undefined) this.#outgoing.push(`${head}\r\n`)
      else {
        const length = Buffer.byteLength(body)
        this.#outgoing.push(`${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`, body)
      }
    })
  }

  #open(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true })
    socket.on('data', (chunk) => this.#receive(socket, chunk))
    // 'close' follows, and tells those who wait.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#closed())
    return socket
  }

  #write(): void {
    const pieces = this.#outgoing
    this.#outgoing = []
    this.#socket?.write(pieces.join(''))
  }

  #receive(socket: Socket, chunk: Buffer): void {
    this.#received.push(chunk)
    this.#receivedBytes += chunk.length
    while (this.#receivedBytes > 0 && this.#receivedBytes >= this.#neededBytes) {
      const answer = this.#take()
      if (answer === undefined) break
      this.#waiting.shift()?.resolve(answer)
    }
    if (this.#waiting.length === 0) socket.unref()
  }

  /** The next answer, once all of it is there. */
  #take(): Answer | undefined {
    const received = this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received)
    this.#received = [received]
    const end = received.indexOf(headEnd)
    if (end < 0) return undefined
    const [first = '', ...lines] = received.toString('latin1', 0, end).split('\r\n')
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
    }
    const start = end + headEnd.length
    const behind = start + Number(headers.get('content-length') ?? 0)
    this.#neededBytes = behind
    if (received.length < behind) return undefined
    this.#neededBytes = 0
    this.#receivedBytes -= behind
    this.#received = this.#receivedBytes === 0 ? [] : [received.subarray(behind)]
    const body = received.subarray(start, behind)
    return { status: Number(first.split(' ')[1]), headers, body }
  }

  #closed(): void {
    this.#socket = undefined
    this.#received = []
    this.#receivedBytes = 0
    this.#neededBytes = 0
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('The Runtime API closed the connection.'))
  }
}
