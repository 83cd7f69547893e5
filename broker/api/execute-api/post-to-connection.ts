import { AwsRaw, awsOperation } from '../aws/operation.ts'
import { messageText } from '../message-text.ts'
import { connectionMembers, connectionOf, connectionPath, connectionPathOfApi } from './connection.ts'

const empty = new Uint8Array(0)

/** Sends a message to a client. Answered when the network has it. */
export const postToConnection = awsOperation({
  name: 'PostToConnection',
  http: { method: 'POST', path: connectionPath, also: connectionPathOfApi },
  input: { ...connectionMembers, data: { type: 'blob', at: 'payload' } },
  async run(broker, input) {
    const { data = empty } = input
    const connection = connectionOf(broker, input)
    if (data.length > broker.limits.apiMessageBytesMax) return new AwsRaw(413, {}, empty)
    await connection.post(messageText(data))
    return new AwsRaw(200, {}, empty)
  },
})
