import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** Answers a handshake that comes to nothing, with JSON, and ends the connection. */
export function refuseUpgrade(socket: Socket, status: number, body: string): void {
  socket.on('error', () => undefined)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
  socket.destroySoon()
}
