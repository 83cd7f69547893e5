import { announceOn } from './announcements.ts'
import type { Logs } from './log/logs.ts'
import type { Bindings } from './modes/bindings.ts'
import { BusArchives } from './modes/bus-archives.ts'
import { BusReplays } from './modes/bus-replays.ts'
import { Buses } from './modes/buses.ts'
import type { Queues } from './modes/queues.ts'
import type { Streams } from './modes/streams.ts'
import type { Timetable } from './modes/timetable.ts'
import type { Topics } from './modes/topics.ts'
import type { Publications } from './publications.ts'
import { ruleSchedulesIn } from './rule-schedules.ts'

export interface EventBusesOptions {
  readonly logs: Logs
  readonly bindings: Bindings
  readonly publications: Publications
  readonly topics: Topics
  readonly streams: Streams
  readonly queues: Queues
  readonly timetable: Timetable
  readonly onFault: (error: unknown) => void
}

/** The event buses of a broker, and what belongs to them. */
export interface EventBuses {
  readonly buses: Buses
  readonly archives: BusArchives
  readonly replays: BusReplays
}

/** Takes up the buses, and goes on with replays. */
export async function openEventBuses(options: EventBusesOptions): Promise<EventBuses> {
  const { logs, bindings, publications, topics, timetable, onFault } = options
  const buses = await Buses.open({
    ...{ logs, bindings, onFault },
    begin: () => publications.begin(),
    schedules: ruleSchedulesIn(timetable, logs.clock),
    toTopic: async (publication, arn, body) => topics.get(lastPart(arn)).addTo(publication, { body }),
  })
  announceOn(buses, options)
  const archives = await BusArchives.open(logs, buses)
  return { buses, archives, replays: await BusReplays.open(logs, buses, archives, onFault) }
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}
