import type { ReplayRecord } from '../../modes/bus-record.ts'
import { archiveArn } from '../../modes/bus-record.ts'

/** What the lists, and the descriptions, tell of a replay. */
export function replayAnswer(record: ReplayRecord): object {
  const { lastEventTime, endedAt } = record
  return {
    ReplayName: record.name,
    EventSourceArn: archiveArn({ ...record, name: record.archive }),
    State: record.state,
    StateReason: record.reason,
    EventStartTime: new Date(record.from),
    EventEndTime: new Date(record.to),
    EventLastReplayedTime: lastEventTime === undefined ? undefined : new Date(lastEventTime),
    ReplayStartTime: new Date(record.startedAt),
    ReplayEndTime: endedAt === undefined ? undefined : new Date(endedAt),
  }
}
