// The yardstick of fan-out: a bare node:http2 server that writes bytes it has in memory to whoever asks, as fast as they are
// taken, and does nothing else. It runs in a process of its own, as a broker does, with the broker's windows.
import { createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'

const streamWindowBytes = 4 * 1024 * 1024
const sessionWindowBytes = 16 * 1024 * 1024

const server = createServer({ settings: { initialWindowSize: streamWindowBytes, enablePush: false } })
server.on('session', (session) => session.setLocalWindowSize(sessionWindowBytes))
server.on('connection', (socket) => socket.setNoDelay(true))
server.on('stream', (stream, headers) => {
  const query = new URL(headers[':path'] ?? '/', 'http://pipe').searchParams
  stream.respond({ ':status': 200 })
  stream.on('error', () => stream.destroy())
  pour(stream, Number(query.get('bytes')), Buffer.alloc(Number(query.get('chunk')), 7))
})
server.listen(0, '127.0.0.1', () => console.log(`pipe at http://127.0.0.1:${(server.address() as AddressInfo).port}`))

function pour(stream: ServerHttp2Stream, bytes: number, chunk: Buffer): void {
  let left = bytes
  const more = () => {
    while (left > 0 && !stream.destroyed) {
      const piece = left < chunk.length ? chunk.subarray(0, left) : chunk
      left -= piece.length
      if (!stream.write(piece)) {
        stream.once('drain', more)
        return
      }
    }
    stream.end()
  }
  more()
}
