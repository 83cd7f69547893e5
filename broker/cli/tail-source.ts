import type { Client, ConsumedRecord, StreamHandle, Subscription } from '../../client/index.ts'
import { type FromFlag, type Start, startOf } from './from.ts'

export interface TailRange {
  readonly from: FromFlag
  readonly shards: readonly number[] | undefined
  readonly consumer: string | undefined
  /** Go on when the end is reached. */
  readonly follow: boolean
  /** How many records are wanted. */
  readonly limit: number
  readonly signal: AbortSignal
}

/** What is read at once, of one shard. */
export interface TailBatch {
  readonly shard: number
  /** The sequence behind its last record. */
  readonly next: number
  readonly records: Iterable<ConsumedRecord>
}

/** Reads a stream as `range` says. */
export async function* tailSource(client: Client, stream: StreamHandle, range: TailRange): AsyncGenerator<TailBatch> {
  if (range.follow) yield* await following(client, stream, range)
  else yield* upToNow(client, stream, range)
}

async function following(client: Client, stream: StreamHandle, range: TailRange): Promise<Subscription> {
  const { shards, consumer, signal } = range
  const start = await startOf(client, range.from)
  const from = typeof start === 'number' ? { sequences: { [shards?.[0] ?? 0]: start } } : start
  return stream.subscribe({
    from,
    signal,
    ...(shards === undefined ? {} : { shards }),
    ...(consumer === undefined ? {} : { consumer }),
  })
}

/** Records of one page. */
const pageRecordsMax = 10_000

/** Shard after shard, parents before their children, up to where each ends now, whatever is put meanwhile. */
async function* upToNow(client: Client, stream: StreamHandle, range: TailRange): AsyncGenerator<TailBatch> {
  const start = await startOf(client, range.from)
  const ends = new Map((await stream.describe()).shards.map(({ shard, next }) => [shard, next]))
  const checkpoints = range.consumer === undefined ? undefined : await checkpointsOf(stream, range.consumer)
  for (const shard of range.shards ?? ends.keys()) {
    yield* pages(stream, shard, checkpoints?.get(shard) ?? start, ends.get(shard) ?? 0, range)
  }
}

async function* pages(
  stream: StreamHandle,
  shard: number,
  start: Start,
  end: number,
  { limit, signal }: TailRange,
): AsyncGenerator<TailBatch> {
  let from = start
  while (!signal.aborted) {
    const page = await stream.read({ shard, from, limit: Math.min(limit, pageRecordsMax) })
    const records = page.records.filter(({ sequence }) => sequence < end)
    if (records.length > 0) yield { shard, next: Math.min(page.next, end), records }
    if (page.next >= end || page.records.length === 0) return
    from = page.next
  }
}

async function checkpointsOf(stream: StreamHandle, consumer: string): Promise<Map<number, number>> {
  const known = (await stream.consumers()).find((each) => each.consumer === consumer)
  return new Map(known?.shards.map(({ shard, next }) => [shard, next]))
}
