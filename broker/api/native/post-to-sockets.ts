import { broadcast, type SocketMessage } from '../../modes/socket-broadcast.ts'
import { MillraceError } from '../../wire/errors.ts'
import { Fields, nameIn } from '../fields.ts'
import { messageText } from '../message-text.ts'
import type { CallOperation } from '../operation.ts'
import { dataIn } from './record-data.ts'
import { socketApiOf } from './socket-description.ts'

/**
 * Sends text messages to the clients of a WebSocket API: `{messages: [{data | text | json, connection?}], stage?}`, each to all of them or to the one
 * that `connection` names, in this order. The answer `{sent, stalled}` comes when the network has them: how often one was sent, and how many
 * clients were cut off since they took nothing. Who is not connected has missed them.
 * @throws socket_api_not_found, message_too_large
 */
export const postToSockets: CallOperation = {
  method: 'POST',
  path: '/v1/socket-apis/{api}/messages',
  async run(broker, request) {
    const { socketConnections: connections, wall, limits } = broker
    const api = nameIn(request.params, 'api')
    socketApiOf(broker, api)
    const fields = new Fields(request.body)
    const given = fields.required('messages', fields.array('messages'))
    const stage = fields.string('stage')
    fields.done()
    const limit = limits.messagesPerCallMax
    if (given.length === 0 || given.length > limit) throw fields.invalid('messages', `must hold 1 to ${limit} messages`)
    const messages = given.map((each, i) => messageIn(new Fields(each, `messages[${i}].`), limits.apiMessageBytesMax))
    const bounds = { roundBytes: limits.apiMessageBytesMax, stallMillis: limits.apiStallMillisMax }
    return { body: await broadcast({ connections, wall }, { api, stage }, messages, bounds) }
  },
}

function messageIn(fields: Fields, bytesMax: number): SocketMessage {
  const text = messageText(dataIn(fields))
  const connection = fields.string('connection')
  fields.done()
  if (text.length > bytesMax) throw new MillraceError('message_too_large', { bytes: text.length, limit: bytesMax })
  return connection === undefined ? { text } : { text, connection }
}
