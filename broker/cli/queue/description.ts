import type { QueueDescription } from '../../../client/index.ts'
import { bytesText } from '../byte-size.ts'
import { durationText } from '../duration.ts'
import { count, printJson, printLine, timeText } from '../output.ts'
import { table } from '../table.ts'

/** Prints a queue with its settings. */
export async function printQueue(queue: QueueDescription, json = false): Promise<void> {
  if (json) {
    await printJson(queue)
    return
  }
  const { messages, deadLetter } = queue
  const rows = [
    ['queue', `${queue.name}${queue.fifo ? ', FIFO' : ''}`],
    [
      'messages',
      `${count(messages.visible)} visible, ${count(messages.inFlight)} in flight, ${count(messages.delayed)} delayed`,
    ],
    ['invisible', `${durationText(queue.visibilityMillis)} once received, ${durationText(queue.delayMillis)} when new`],
    ['kept', durationText(queue.retentionMillis)],
    ['largest message', bytesText(queue.messageBytesMax)],
    [
      'dead letters',
      deadLetter === undefined ? 'none' : `to ${deadLetter.queue} after ${deadLetter.maxReceives} receives`,
    ],
    ['created', timeText(queue.createdAt)],
  ]
  await printLine(table([], rows))
}
