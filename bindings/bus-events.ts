import type { BindingSource, BindingTarget } from '../broker/wire/binding.ts'
import type { Client, OutgoingEvent } from '../client/index.ts'
import type { DeliveryItem } from './targets.ts'

/** What one commit takes. */
const eventsMax = 100

/** Puts items on a bus as events, in their order; resolves when all are on disk. */
export async function putEvents(
  client: Client,
  { bus: name, source: from, detailType }: Extract<BindingTarget, { kind: 'bus' }>,
  items: readonly DeliveryItem[],
  source: BindingSource,
): Promise<void> {
  const bus = client.bus(name)
  const head = { source: from ?? `millrace.${source.kind}`, type: detailType ?? detailTypeOf(source) }
  const events = items.map((item): OutgoingEvent => ({ ...head, resources: [source.arn], detail: detailOf(item) }))
  for (let i = 0; i < events.length; i += eventsMax) await bus.putAll(events.slice(i, i + eventsMax))
}

function detailTypeOf({ kind }: BindingSource): string {
  return kind === 'stream' ? 'Record' : 'Message'
}

/** A detail is an object: what is none becomes a member of one, `data` where it is text and `dataBase64` where it is not. */
function detailOf({ data }: DeliveryItem): object {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return { dataBase64: bytes.toString('base64') }
  }
  const value = jsonIn(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { data: value ?? text }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Text that is no JSON is told as it is.
    return undefined
  }
}
