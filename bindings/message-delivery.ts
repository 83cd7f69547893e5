import type { QueueBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { QueueMessage } from '../broker/wire/queue-description.ts'
import { failuresIn } from './partial-response.ts'
import type { QueueCalls } from './queue-calls.ts'
import type { QueueItem, SqsEvents } from './sqs-event.ts'
import type { Delivered, Delivery, Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'

const backoffMillisMin = 100
const backoffMillisMax = 500

export interface MessageDeliveryContext {
  readonly targets: Targets
  readonly time: Time
  readonly binding: QueueBinding
  readonly queue: QueueCalls
  readonly fifo: boolean
  /** How long the messages are invisible to others, from when they were received. */
  readonly visibilityMillis: number
  readonly events: SqsEvents
  /** Fires when the binding stops: what could not be begun is left. */
  readonly signal: AbortSignal
  readonly report: (result: string, error?: string) => void
}

/**
 * Has messages handled and deletes those that were. The others are left alone: they come again after their visibility timeout, or go to the
 * queue's dead letter queue. While the target works they stay invisible, however long it takes.
 */
export async function deliverMessages(
  context: MessageDeliveryContext,
  messages: readonly QueueMessage[],
): Promise<void> {
  const left = new Set(messages)
  const keeping = keepInvisible(context, left)
  try {
    for (const part of context.events.partsOf(messages)) {
      const handled = await handledOf(context, part)
      await context.queue.delete(handled)
      for (const message of part) left.delete(message.message)
      // What comes behind it may be of the same group.
      if (context.fifo && handled.length < part.length) return
    }
  } finally {
    keeping.stop()
  }
}

/** The messages of a part that were handled. */
async function handledOf(context: MessageDeliveryContext, part: readonly QueueItem[]): Promise<QueueMessage[]> {
  const { binding, report } = context
  const result = await attempt(context, part)
  if (result === undefined) return []
  if (result.failed) {
    report('PROBLEM: Function call failed', Buffer.from(result.payload).toString().slice(0, 1_024))
    return []
  }
  const messages = part.map(({ message }) => message)
  const failures = binding.batch.partial ? failuresIn(result.payload) : []
  const ids = new Set(messages.map(({ id }) => id))
  if (failures === undefined || !failures.every((id) => ids.has(id))) {
    report('PROBLEM: The answer names failures that cannot be understood')
    return []
  }
  if (failures.length > 0) report('PROBLEM: Function reported failures of single records')
  else report('OK')
  return messages.filter(({ id }) => !failures.includes(id))
}

/** One try; more, within one visibility timeout, while the target cannot even begin. Undefined when it never did. */
async function attempt(
  { targets, time, binding, events, visibilityMillis, signal, report }: MessageDeliveryContext,
  part: readonly QueueItem[],
): Promise<Delivered | undefined> {
  const delivery: Delivery = {
    event: () => events.eventOf(part),
    items: part.map(({ message: { id, data, group = id } }) => ({ key: group, data, id })),
  }
  const deadline = time.now() + visibilityMillis
  for (let tries = 0; ; tries++) {
    try {
      return await targets.deliver(binding.target, delivery, binding)
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      report('PROBLEM: Function call failed', error.message)
      const millis = Math.min(backoffMillisMax, backoffMillisMin * 2 ** tries)
      if (!error.retryable || signal.aborted || time.now() + millis > deadline) return undefined
      await sleep(time, millis, signal)
    }
  }
}

/** Hides messages anew before they would come again. */
function keepInvisible(
  { queue, time, visibilityMillis }: MessageDeliveryContext,
  messages: ReadonlySet<QueueMessage>,
): { stop(): void } {
  const afterMillis = Math.floor((visibilityMillis * 2) / 3)
  let timer = time.after(afterMillis, again)
  let stopped = false
  function again(): void {
    // What cannot be hidden comes again, which a queue may always do.
    queue.hide([...messages], visibilityMillis).catch(() => undefined)
    if (!stopped) timer = time.after(afterMillis, again)
  }
  return {
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}
