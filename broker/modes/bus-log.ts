import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import { positionAtTime } from '../log/positions.ts'
import { blocksOf } from '../wire/block.ts'
import { framesOf } from '../wire/frame.ts'
import { BodyReader } from '../wire/record.ts'

/** An event as a bus's log has it. */
export interface KeptEvent {
  readonly sequence: number
  /** When it was kept, milliseconds since 1970. */
  readonly time: number
  /** The envelope as JSON text. */
  readonly text: string
}

/** Reads the events of a bus's log from sequence `from` on, up to but not with `end`, some at a time; those kept before `since` are over. */
export async function* keptEvents(
  logs: Logs,
  log: Log,
  { from, end, since }: { readonly from: number; readonly end: number; readonly since: number },
): AsyncGenerator<readonly KeptEvent[]> {
  const shard = log.shard(0)
  const cursor = logs.cursor(shard, Math.max(from, await positionAtTime(logs, shard, since)))
  while (cursor.position < end) {
    const position = cursor.position
    const frames = cursor.live() ?? (await cursor.read(logs.limits.readBytesMax))
    if (frames === undefined) return
    yield eventsIn(frames).filter(({ sequence, time }) => sequence >= position && sequence < end && time >= since)
  }
}

function eventsIn(frames: Uint8Array): KeptEvent[] {
  const events: KeptEvent[] = []
  for (const { payload } of framesOf(frames)) {
    for (const { header, block } of blocksOf(payload)) {
      const reader = new BodyReader(block)
      for (let i = 0; i < header.count; i++) {
        reader.next()
        const text = new TextDecoder().decode(reader.data())
        events.push({ sequence: header.baseSequence + i, time: header.appendTime, text })
      }
    }
  }
  return events
}
