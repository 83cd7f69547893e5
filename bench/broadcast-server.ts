// The yardstick of sockets: a bare server of ws that sends each message it gets to everybody, and does nothing else. It runs in a
// process of its own, as a broker does.
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
const open = new Set<WebSocket>()
server.on('connection', (socket) => {
  open.add(socket)
  socket.on('close', () => open.delete(socket))
  socket.on('message', (data: Buffer) => {
    for (const each of open) if (each !== socket) each.send(data)
  })
})
server.on('listening', () => console.log(`broadcast at ws://127.0.0.1:${(server.address() as AddressInfo).port}`))
