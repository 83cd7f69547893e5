import type { Broker } from '../../broker.ts'
import { AwsError } from '../../wire/aws-error.ts'
import type { Member } from '../../wire/aws-shape.ts'
import type { SocketConnection } from '../../wire/socket-connection.ts'

const text = { type: 'string', required: true } as const satisfies Member
export const connectionMembers = { stage: text, connectionId: text } as const

/** Where a connection is addressed: applications make it of an event's domain name and stage, or of an API's endpoint. */
export const connectionPath = '/{stage}/@connections/{connectionId}'
export const connectionPathOfApi = '/{apiId}/{stage}/@connections/{connectionId}'

/** Ids as they are given here, and longer ones that somebody else made up. */
const idPattern = /^[A-Za-z0-9_=-]{10,64}$/

/**
 * Who is meant. Any stage of the API will do.
 * @throws BadRequestException, GoneException, ForbiddenException
 */
export function connectionOf(
  { socketConnections, socketApis }: Broker,
  { stage, connectionId }: { readonly stage: string; readonly connectionId: string },
): SocketConnection {
  if (!idPattern.test(connectionId)) throw new AwsError('BadRequestException', `Invalid connectionId: ${connectionId}`)
  const connection = socketConnections.get(connectionId)
  if (connection === undefined) throw new AwsError('GoneException', 'The connection is gone.', { status: 410 })
  if (socketApis.records.get(connection.apiId)?.stages[stage] === undefined) {
    throw new AwsError('ForbiddenException', 'Forbidden', { status: 403 })
  }
  return connection
}
