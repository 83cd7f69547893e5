import type { AwsService } from '../aws/operation.ts'
import { deleteConnection } from './delete-connection.ts'
import { getConnection } from './get-connection.ts'
import { postToConnection } from './post-to-connection.ts'

/** What a WebSocket API's backend calls to reach its clients: `@connections`. */
export const executeApi: AwsService = {
  name: 'execute-api',
  targets: [],
  rest: true,
  operations: [postToConnection, getConnection, deleteConnection],
  absent: [],
}
