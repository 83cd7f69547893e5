import type { BindingTarget } from '../broker/wire/binding.ts'
import type { Client } from '../client/index.ts'
import type { DeliveryItem } from './targets.ts'

/** What one call takes. */
const messagesMax = 1_000

/** Sends items to the clients of a WebSocket API, in their order: to all of them, or each to the one that its key names. */
export async function postToSockets(
  client: Client,
  { api, stage, to }: Extract<BindingTarget, { kind: 'sockets' }>,
  items: readonly DeliveryItem[],
): Promise<void> {
  const path = `/v1/socket-apis/${encodeURIComponent(api)}/messages`
  const messages = items.map(({ key, data }) => (to === 'key' ? { data, connection: key } : { data }))
  for (let i = 0; i < messages.length; i += messagesMax) {
    const body = { messages: messages.slice(i, i + messagesMax), ...(stage === undefined ? {} : { stage }) }
    await client.endpoint.call({ method: 'POST', path, body })
  }
}
