import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as assert from 'uvu/assert'
import { Port } from '../../broker/server/port.ts'
import { suite } from '../suite.ts'
import { cert, key } from './certificate.ts'

const test = suite('port')

for (const secure of [false, true]) {
  test(`a body that nobody reads stays with who sends it${secure ? ', over TLS too' : ''}`, async () => {
    let arrived: (request: IncomingMessage) => void = () => undefined
    const arriving = new Promise<IncomingMessage>((resolve) => {
      arrived = resolve
    })
    const port = new Port({
      http1: {},
      http2: {},
      tls: secure ? { cert, key } : undefined,
      take: (incoming) => arrived(incoming as IncomingMessage),
      opened: () => undefined,
    })
    port.listen(0, '127.0.0.1')
    await once(port, 'listening')
    const { port: number } = port.address() as AddressInfo
    const length = 20_000_000
    const make = secure ? (await import('node:https')).request : request
    const sent = make({
      host: '127.0.0.1',
      port: number,
      method: 'POST',
      headers: { 'content-length': length },
      agent: secure ? new (await import('node:https')).Agent({ ca: cert }) : new Agent(),
    })
    sent.on('error', () => undefined)
    sent.end(Buffer.alloc(length))
    const incoming = await arriving
    // Far more turns than it takes to read all of it, if it were read.
    for (let i = 0; i < 5_000; i++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(incoming.readableLength < 1_000_000, `${incoming.readableLength} bytes wait`)
    incoming.resume()
    await once(incoming, 'end')
    sent.destroy()
    incoming.socket.destroy()
    port.close()
  })
}

test.run()
