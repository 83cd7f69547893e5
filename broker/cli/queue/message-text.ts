import type { Message, PeekedMessage } from '../../../client/index.ts'
import { styled, timeText } from '../output.ts'
import { dataField, dataText, visible } from '../record-text.ts'

/** What `receive` and `peek` show of a message, line end included. */
export type MessageFormat = (message: Message | PeekedMessage) => string | Buffer

/** For people: time, group, receives and data on one line. */
export function prettyMessage(message: Message | PeekedMessage): string {
  const { sentAt, group, receives, data } = message
  const state = 'state' in message ? ` ${message.state}` : ''
  const named = group === undefined ? '' : ` ${styled('cyan', visible(group))}`
  const times = `${receives}x${state}`
  return `${styled('dim', timeText(sentAt))} ${styled('dim', times)}${named}  ${dataText(data)}\n`
}

/** For programs: one JSON object on one line; the data is `json`, `text` or `data` as `tail` has it. */
export function jsonMessage(message: Message | PeekedMessage): string {
  const { id, sequence, group, deduplicationId, attributes, source, sentAt, receives, data } = message
  const head = JSON.stringify({
    id,
    sequence,
    sentAt: new Date(sentAt).toISOString(),
    receives,
    ...('state' in message ? { state: message.state } : {}),
    ...(group === undefined ? {} : { group }),
    ...(deduplicationId === undefined ? {} : { deduplicationId }),
    ...(attributes === undefined || Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(source === undefined ? {} : { source }),
  })
  return `${head.slice(0, -1)},${dataField(data)}}\n`
}
