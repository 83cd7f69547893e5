import type { ErrorRow } from './error-row.ts'

/** Errors of WebSocket APIs and their clients. */
export const socketErrors = {
  socket_api_not_found: {
    status: 404,
    retry: false,
    text: 'There is no WebSocket API {api}.',
    fix: 'List them: aws apigatewayv2 get-apis',
  },
  socket_not_found: {
    status: 410,
    retry: false,
    text: 'No client is connected by the id {connection}.',
    fix: 'Clients get a new id whenever they connect: GET /v1/sockets lists those that are there.',
  },
} as const satisfies Record<string, ErrorRow>
