import type { BindingRecord, StreamBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import { type RecordRange, sendDeadLetter } from './dead-letter.ts'
import type { KinesisEvents, PendingRecord } from './kinesis-event.ts'
import { failuresIn } from './partial-response.ts'
import type { Delivered, DeliveryItem, Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'

const backoffMillisMin = 100
const backoffMillisMax = 30_000

export interface BatchDeliveryContext {
  readonly targets: Targets
  readonly time: Time
  readonly binding: StreamBinding
  readonly events: KinesisEvents
  /** Fires when the binding stops: nothing more is begun. */
  readonly signal: AbortSignal
  /** Everything before this sequence, of this batch, is done with. */
  readonly settled: (next: number) => Promise<void> | void
  /** How a try ended: `OK`, or what went wrong. */
  readonly report: (result: string, error?: string) => void
  /** Where the records are in a window of time: its state goes with every event, and comes back changed. */
  readonly window?: BatchWindow
}

/** The window of time that a batch is in. */
export interface BatchWindow {
  /** What the event has beside its records. */
  membersFor(records: readonly PendingRecord[]): object
  /** Takes the state that an answer has for some records; false when it has none. */
  take(records: readonly PendingRecord[], payload: Uint8Array): boolean
}

interface Part {
  readonly records: readonly PendingRecord[]
  /** How often it failed. */
  readonly failures: number
}

/** How a try went: which records are done, the first that is not, and whether it counts as a failure. */
type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly from: number; readonly last: Delivered }
  /** It could not even be tried: too much else is running, say. */
  | { readonly kind: 'refused' }

/**
 * Delivers a batch until all of it is done with: handled, or given up. A failure holds up what comes behind it, since the order is the
 * shard's; it is tried again, halved if the binding says so, and given up when it was tried too often or is too old.
 */
export async function deliverBatch(context: BatchDeliveryContext, records: readonly PendingRecord[]): Promise<void> {
  const { binding, signal } = context
  const parts: Part[] = [{ records, failures: 0 }]
  let refusals = 0
  while (!signal.aborted) {
    const part = parts.pop()
    if (part === undefined) return
    const young = await giveUpOld(context, part)
    if (young.length === 0) continue
    const verdict = await attempt(context, young)
    refusals = verdict.kind === 'refused' ? refusals + 1 : 0
    if (verdict.kind === 'done') await context.settled(behind(young))
    else if (verdict.kind === 'refused') parts.push({ ...part, records: young })
    else parts.push(...(await afterFailure(context, { ...part, records: young }, verdict)))
    const waiting = verdict.kind === 'refused' ? refusals : (parts.at(-1)?.failures ?? 0)
    if (verdict.kind !== 'done' && waiting > 0 && parts.length > 0) await backOff(context, waiting, binding)
  }
}

async function attempt(
  { targets, binding, events, report, window }: BatchDeliveryContext,
  records: readonly PendingRecord[],
): Promise<Verdict> {
  const from = (records[0] as PendingRecord).sequence
  let result: Delivered
  try {
    const items = records.map((record) => itemOf(events, record))
    result = await targets.deliver(
      binding.target,
      { event: () => events.eventOf(records, window?.membersFor(records)), items },
      binding,
    )
  } catch (error) {
    report('PROBLEM: Function call failed', error instanceof Error ? error.message : String(error))
    if (!(error instanceof MillraceError)) throw error
    return { kind: 'refused' }
  }
  if (result.failed) {
    report('PROBLEM: Function call failed', Buffer.from(result.payload).toString().slice(0, 1_024))
    return { kind: 'failed', from, last: result }
  }
  const failed = binding.batch.partial ? lowestFailure(events, records, result.payload) : undefined
  const handled = records.filter(({ sequence }) => failed === undefined || sequence < failed)
  if (window?.take(handled, result.payload) === false && failed === undefined) {
    report('PROBLEM: Function answered without the state of its window')
    return { kind: 'failed', from, last: result }
  }
  if (failed === undefined) {
    report('OK')
    return { kind: 'done' }
  }
  report('PROBLEM: Function reported failures of single records')
  return { kind: 'failed', from: failed, last: result }
}

function itemOf(events: KinesisEvents, { key, data, sequence }: PendingRecord): DeliveryItem {
  return { key, data, id: `${events.shardId}:${sequence}` }
}

/** The sequence of the first record that failed; that of the first of all when the answer cannot be understood. */
function lowestFailure(
  events: KinesisEvents,
  records: readonly PendingRecord[],
  payload: Uint8Array,
): number | undefined {
  const first = (records[0] as PendingRecord).sequence
  const failures = failuresIn(payload)
  if (failures === undefined) return first
  if (failures.length === 0) return undefined
  const sequences = new Map(records.map((record) => [events.numberOf(record), record.sequence]))
  const failed = failures.map((each) => sequences.get(each))
  return failed.includes(undefined) ? first : Math.min(...(failed as number[]))
}

/** What is to be tried next, last first. */
async function afterFailure(
  context: BatchDeliveryContext,
  { records, failures }: Part,
  { from, last }: Extract<Verdict, { kind: 'failed' }>,
): Promise<Part[]> {
  const { retry } = context.binding
  const left = records.filter((record) => record.sequence >= from)
  if (left.length < records.length) await context.settled(from)
  if (retry.bisect && left.length > 1) {
    // Halving is no try: only a record that fails on its own is counted against. An answer that named the record has split it there already.
    if (left.length < records.length) return [{ records: left, failures }]
    const middle = Math.ceil(left.length / 2)
    return [
      { records: left.slice(middle), failures },
      { records: left.slice(0, middle), failures },
    ]
  }
  if (retry.retriesMax === null || failures + 1 <= retry.retriesMax) return [{ records: left, failures: failures + 1 }]
  await giveUp(context, left, { condition: 'RetryAttemptsExhausted', count: failures + 1, last })
  return []
}

/** Gives up those that are too old; returns the others. */
async function giveUpOld(
  context: BatchDeliveryContext,
  { records, failures }: Part,
): Promise<readonly PendingRecord[]> {
  const { ageMillisMax } = context.binding.retry
  if (ageMillisMax === null) return records
  const oldest = context.time.now() - ageMillisMax
  const old = records.filter((record) => record.time < oldest)
  if (old.length === 0) return records
  await giveUp(context, old, { condition: 'RecordAgeExceeded', count: failures, last: undefined })
  return records.filter((record) => record.time >= oldest)
}

/** Tells the dead letter target, if there is one, before the records are let go: it is asked until it takes them. */
async function giveUp(
  context: BatchDeliveryContext,
  records: readonly PendingRecord[],
  reason: { readonly condition: string; readonly count: number; readonly last: Delivered | undefined },
): Promise<void> {
  for (let tries = 1; !context.signal.aborted; tries++) {
    if (await sendDeadLetter(context, rangeOf(records), reason)) {
      await context.settled(behind(records))
      return
    }
    await backOff(context, tries, context.binding)
  }
}

function rangeOf(records: readonly PendingRecord[]): RecordRange {
  return { first: records[0] as PendingRecord, last: records.at(-1) as PendingRecord, count: records.length }
}

function behind(records: readonly PendingRecord[]): number {
  return (records.at(-1) as PendingRecord).sequence + 1
}

/** Longer with every failure; no longer than it takes until the records are too old. */
export async function backOff(
  { time, signal }: Pick<BatchDeliveryContext, 'time' | 'signal'>,
  tries: number,
  { retry }: BindingRecord,
): Promise<void> {
  const millis = Math.min(
    backoffMillisMax,
    backoffMillisMin * 2 ** (tries - 1),
    retry.ageMillisMax ?? Number.POSITIVE_INFINITY,
  )
  await sleep(time, millis, signal)
}
