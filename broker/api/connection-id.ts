import { randomBytes } from 'node:crypto'

/** An id for whoever is connected by a WebSocket, as API Gateway's look. */
export function newConnectionId(): string {
  return `${randomBytes(11).toString('base64url')}=`
}
