import type { Logs } from './log/logs.ts'
import type { Bindings } from './modes/bindings.ts'
import { Publishing } from './modes/bus-publishing.ts'
import { defaultBusName } from './modes/bus-record.ts'
import type { Buses } from './modes/buses.ts'
import type { Publication } from './modes/publication.ts'
import type { Queues } from './modes/queues.ts'
import type { Streams } from './modes/streams.ts'
import { MillraceError } from './wire/errors.ts'

/** What of a broker makes events of its own. */
export interface Announcing {
  readonly logs: Logs
  readonly streams: Streams
  readonly queues: Queues
  readonly bindings: Bindings
  readonly onFault: (error: unknown) => void
}

const owner = { region: 'us-east-1', account: '000000000000' }

/**
 * Puts what happens in the broker on its default bus, with the source `millrace`, so that rules can be about it. Where that bus has no rule, and nobody
 * has ever used it, nothing is written.
 */
export function announceOn(buses: Buses, { logs, streams, queues, bindings, onFault }: Announcing): void {
  const announce = (detailType: string, detail: object) => {
    const item = announcement(buses, detailType, detail)
    if (item === undefined) return
    buses.publish([item]).catch((error: unknown) => {
      // What a broker that is going away has to say of itself, nobody hears.
      if (MillraceError.wrap(error).code !== 'draining') onFault(error)
    })
  }
  logs.reshaped.add(({ name, number, openShards }) => {
    if (streams.find(name)?.number === number)
      announce('Stream Scaled', { stream: name, openShards: openShards.length })
  })
  queues.redriven.add(({ name }, { status, moved, total, destination, failure }) => {
    announce('Queue Redriven', { queue: name, status, moved, total, destination, failure })
  })
  bindings.failed.add(({ name, source, target }, { lastResult, lastError }) => {
    announce('Binding Failed', { binding: name, source: source.kind, target: target.kind, lastResult, lastError })
  })
}

/**
 * Puts an event of the broker's own into a publication, beside what it is about. Resolves, when all that it leads to is in there, with who is to be
 * told once that is durable.
 */
export async function announceWith(
  buses: Buses,
  publication: Publication,
  detailType: string,
  detail: object,
): Promise<Publishing | undefined> {
  const item = announcement(buses, detailType, detail)
  if (item === undefined) return undefined
  await buses.ready(item.bus)
  const publishing = new Publishing(publication)
  item.bus.publish(item.event, publishing)
  await publishing.whole
  return publishing
}

/** An event for the default bus; undefined when nobody uses that. */
function announcement(buses: Buses, detailType: string, detail: object) {
  const bus = buses.get(defaultBusName)
  if (bus.log === undefined && bus.ruleCount === 0) return undefined
  return { bus, event: buses.prepare({ source: 'millrace', detailType, detail: JSON.stringify(detail) }, owner) }
}
