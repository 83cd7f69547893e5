import { type ClientHttp2Session, connect } from 'node:http2'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { ServerProcess } from './server-process.ts'

/** What the pipe's figures are filed under. */
export const pipeName = 'http2 pipe'

const streamWindowBytes = 4 * 1024 * 1024
const sessionWindowBytes = 16 * 1024 * 1024
const chunkBytes = 64 * 1024

/** A bare node:http2 server and clients: what fan-out over HTTP/2 can reach at best in Node. */
export class Pipe implements AsyncDisposable {
  readonly server: ServerProcess

  private constructor(server: ServerProcess) {
    this.server = server
  }

  static async start(bench: Bench): Promise<Pipe> {
    bench.introduce({
      name: pipeName,
      version: `node ${process.versions.node}`,
      durability: 'a bare node:http2 server that writes from memory: nothing is stored, checked or decoded',
    })
    const server = await ServerProcess.start({
      name: 'pipe server',
      command: process.execPath,
      args: [fileURLToPath(new URL('./pipe-server.js', import.meta.url))],
      ready: /pipe at (\S+)/,
    })
    return new Pipe(server)
  }

  /** Reads `bytes` through each of `streams` streams, each on a connection of its own; resolves with the seconds it took. */
  async run(streams: number, bytes: number): Promise<number> {
    const sessions = await Promise.all(Array.from({ length: streams }, () => this.#connect()))
    try {
      const started = performance.now()
      await Promise.all(sessions.map((session) => read(session, bytes)))
      return (performance.now() - started) / 1000
    } finally {
      for (const session of sessions) session.destroy()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop()
  }

  #connect(): Promise<ClientHttp2Session> {
    return new Promise((resolve, reject) => {
      const session = connect(this.server.said, {
        settings: { initialWindowSize: streamWindowBytes, enablePush: false },
      })
      session.once('error', reject)
      session.once('connect', () => {
        session.setLocalWindowSize(sessionWindowBytes)
        resolve(session)
      })
    })
  }
}

function read(session: ClientHttp2Session, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': `/?bytes=${bytes}&chunk=${chunkBytes}` })
    let seen = 0
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.length
    })
    stream.on('end', () => (seen === bytes ? resolve() : reject(new Error(`the pipe gave ${seen} of ${bytes} bytes`))))
    stream.on('error', reject)
  })
}
