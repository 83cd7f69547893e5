// The ceiling of what a client of Kinesis can reach: a server that reads each request to its end, does nothing with it, and gives
// every one the same answer. HTTP/1.1 and HTTP/2 without TLS, each on a port of its own, in a process of its own.
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'

const answer = Buffer.from('{}')
const head = { 'content-type': 'application/x-amz-json-1.1', 'content-length': answer.length }

const http1 = createServer({ keepAlive: true }, (request, response) => {
  request.resume().on('end', () => response.writeHead(200, head).end(answer))
})
const http2 = createHttp2Server((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, head)
    response.end(answer)
  })
})
const ports = await Promise.all([http1, http2].map(listen))
console.log(`empty servers at ${ports.join(' ')}`)

function listen(server: Server): Promise<number> {
  server.on('connection', (socket) => socket.setNoDelay(true))
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}
