import { Agent, type ClientRequest, request as requestHttp1 } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { request as requestHttps } from 'node:https'
import type { Readable, Writable } from 'node:stream'
import { Packr } from 'msgpackr'
import { type Frame, FrameSplitter } from '../../broker/wire/frame.ts'

const packr = new Packr({ useRecords: false })

export type Encoding = 'JSON' | 'MessagePack'
type Headers = Record<string, string | string[] | undefined>

export class Answer {
  readonly status: number
  readonly headers: Readonly<Headers>
  readonly bytes: Buffer
  /** The body decoded by its content type; undefined without one. */
  readonly value: unknown

  constructor(status: number, headers: Headers, bytes: Buffer) {
    this.status = status
    this.headers = headers
    this.bytes = bytes
    if (bytes.length === 0) this.value = undefined
    else if (headers['content-type'] === 'application/msgpack') this.value = packr.unpack(bytes)
    else this.value = JSON.parse(bytes.toString())
  }

  /** What lies at a path of names and places in the value, such as `at('shards', 0, 'next')`. */
  at(...path: (string | number)[]): unknown {
    let value = this.value
    for (const step of path) {
      if (typeof value !== 'object' || value === null) return undefined
      value = (value as Record<string | number, unknown>)[step]
    }
    return value
  }
}

export interface Asked {
  /** A value, sent in the client's encoding. */
  readonly body?: unknown
  /** Bytes, sent as they are. */
  readonly raw?: Uint8Array | string
  readonly headers?: Headers
}

/** A client without any of ours in it: node:http or node:http2 and a packer. */
export interface RawClient {
  readonly encoding: Encoding
  ask(method: string, path: string, asked?: Asked): Promise<Answer>
  /** Opens a long stream; with a `body`, that is all it sends. */
  open(path: string, asked?: Asked): FrameStream
  close(): void
}

export class Http1Client implements RawClient {
  static readonly version = 'HTTP/1.1'
  readonly encoding: Encoding
  readonly #url: string
  readonly #agent: Agent
  readonly #secure: { ca: Buffer } | undefined

  constructor(url: string, encoding: Encoding = 'JSON', ca?: Buffer) {
    this.#url = url
    this.encoding = encoding
    this.#secure = ca === undefined ? undefined : { ca }
    this.#agent = new Agent({ keepAlive: true })
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { headers, bytes } = outgoing(this.encoding, asked)
    const request = this.#request(method, path, { ...headers, ...lengthOf(bytes) })
    const answer = new Promise<Answer>((resolve, reject) => {
      request.on('error', reject)
      request.on('response', (response) =>
        collect(response)
          .then((body) => new Answer(response.statusCode ?? 0, response.headers, body))
          .then(resolve, reject),
      )
    })
    request.end(bytes)
    return answer
  }

  open(path: string, asked: Asked = {}): FrameStream {
    const { headers, bytes } = outgoing(this.encoding, asked)
    const request = this.#request('POST', path, { ...headers, ...lengthOf(bytes) })
    const stream = new FrameStream(request, () => request.destroy())
    request.on('response', (response) => stream.answered(response.statusCode ?? 0, response.headers, response))
    if (bytes !== undefined) request.end(bytes)
    else request.flushHeaders()
    return stream
  }

  close(): void {
    this.#agent.destroy()
  }

  #request(method: string, path: string, headers: Headers): ClientRequest {
    const { hostname, port } = new URL(this.#url)
    const shared = { host: hostname, port, method, path, headers }
    if (this.#secure === undefined) return requestHttp1({ ...shared, agent: this.#agent })
    return requestHttps({ ...shared, ...this.#secure, agent: false })
  }
}

export class Http2Client implements RawClient {
  static readonly version = 'HTTP/2'
  readonly encoding: Encoding
  readonly session: ClientHttp2Session

  constructor(url: string, encoding: Encoding = 'JSON', ca?: Buffer, windowBytes = 4 * 1024 * 1024) {
    this.encoding = encoding
    this.session = connect(url, {
      settings: { enablePush: false, initialWindowSize: windowBytes },
      ...(ca === undefined ? {} : { ca }),
    })
    this.session.on('error', () => this.session.destroy())
    this.session.once('connect', () => {
      if (!this.session.destroyed) this.session.setLocalWindowSize(Math.max(65_535, windowBytes * 4))
    })
  }

  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { headers, bytes } = outgoing(this.encoding, asked)
    const stream = this.session.request({ ':method': method, ':path': path, ...headers }, { endStream: false })
    const answer = new Promise<Answer>((resolve, reject) => {
      stream.on('error', reject)
      stream.on('response', (received) =>
        collect(stream)
          .then((body) => new Answer(Number(received[':status']), received, body))
          .then(resolve, reject),
      )
      stream.on('close', () => reject(new Error(`the stream was closed, code ${stream.rstCode}`)))
    })
    stream.end(bytes)
    return answer
  }

  open(path: string, asked: Asked = {}): FrameStream {
    const { headers, bytes } = outgoing(this.encoding, asked)
    const request = this.session.request({ ':method': 'POST', ':path': path, ...headers }, { endStream: false })
    const stream = new FrameStream(request, () => request.close(8))
    request.on('response', (received) => stream.answered(Number(received[':status']), received, request))
    if (bytes !== undefined) request.end(bytes)
    return stream
  }

  close(): void {
    this.session.destroy()
  }
}

/** A long stream as a stranger's client has it: bytes go out, frames come in. */
export class FrameStream {
  /** Resolves with the answer's status when its head is there. */
  readonly status: Promise<number>
  /** Resolves when the broker ended its half; rejects when the stream broke. */
  readonly ended: Promise<void>
  readonly writable: Writable
  readable: Readable | undefined
  headers: Headers = {}
  /** Frames received and not asked for yet. */
  #frames: Frame[] = []
  /** What came when the answer was not 200. */
  refusal = Buffer.alloc(0)
  readonly #cut: () => void
  #taken = 0
  #over = false
  #error: unknown
  #paused = false
  #wake: (() => void)[] = []
  #answer: (status: number) => void = () => undefined
  #end: () => void = () => undefined
  #fail: (error: unknown) => void = () => undefined
  readonly #splitter = new FrameSplitter(32 * 1024 * 1024)

  constructor(writable: Writable, cut: () => void) {
    this.writable = writable
    this.#cut = cut
    this.status = new Promise((resolve, reject) => {
      this.#answer = resolve
      writable.on('error', reject)
    })
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    this.status.catch(() => undefined)
    this.ended.catch(() => undefined)
    writable.on('error', (error) => this.#stop(error))
    writable.on('close', () => this.readable === undefined && this.#stop(new Error('closed before an answer')))
  }

  answered(status: number, headers: Headers, readable: Readable): void {
    this.headers = headers
    this.readable = readable
    readable.on('data', (chunk: Buffer) => {
      if (status !== 200) this.refusal = Buffer.concat([this.refusal, chunk])
      else for (const frame of this.#splitter.push(chunk)) this.#frames.push(frame)
      this.#notify()
    })
    readable.on('end', () => this.#stop())
    readable.on('error', (error) => this.#stop(error))
    readable.on('close', () => this.#stop(new Error('the stream broke')))
    if (this.#paused) readable.pause()
    this.#answer(status)
  }

  /** What was received and not asked for yet, of a stream that is read as it lies. */
  get frames(): readonly Frame[] {
    return this.#frames.slice(this.#taken)
  }

  /** Sends bytes; false when that is more than the broker takes for now. */
  send(bytes: Uint8Array): boolean {
    return this.writable.write(bytes)
  }

  /** Ends our half. */
  finish(): void {
    this.writable.end()
  }

  /** Breaks the stream off. */
  cut(): void {
    this.#cut()
  }

  /** Stops reading: the broker feels it as flow control. */
  pause(): void {
    this.#paused = true
    this.readable?.pause()
  }

  resume(): void {
    this.#paused = false
    this.readable?.resume()
  }

  /** The next frame; undefined at the end. Rejects when the stream broke. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#frames[this.#taken]
      if (frame !== undefined) {
        this.#taken++
        if (this.#taken === this.#frames.length) {
          this.#frames = []
          this.#taken = 0
        }
        return frame
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#over) return undefined
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  #stop(error?: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    if (error === undefined) this.#end()
    else this.#fail(error)
    this.#notify()
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

function outgoing(encoding: Encoding, { body, raw, headers = {} }: Asked): { headers: Headers; bytes?: Uint8Array } {
  const type = encoding === 'JSON' ? 'application/json' : 'application/msgpack'
  const all: Headers = { accept: type, ...headers }
  if (raw !== undefined) return { headers: all, bytes: Buffer.from(raw) }
  if (body === undefined) return { headers: all }
  const bytes = encoding === 'JSON' ? Buffer.from(JSON.stringify(body)) : packr.pack(body)
  return { headers: { 'content-type': type, ...all }, bytes }
}

function lengthOf(bytes: Uint8Array | undefined): Headers {
  return bytes === undefined ? {} : { 'content-length': `${bytes.length}` }
}

async function collect(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of source) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
