import { type Command, Option } from 'commander'
import type { QueueHandle } from '../../../client/index.ts'
import { durationArgument } from '../duration.ts'
import { interruptSignal } from '../interrupt.ts'
import type { LineSink } from '../line-run.ts'
import { pointedAt, pointerArgument } from '../pointer.ts'
import { putLines } from '../put-lines.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface SendFlags extends BrokerFlags {
  readonly group?: string
  readonly groupText?: string
  readonly deduplicationId?: string
  readonly delay?: number
  readonly json?: boolean
}

export function addSend(queue: Command): void {
  const group = new Option('--group <pointer>', 'message group: what this JSON pointer finds in each line')
  const id = new Option('--deduplication-id <pointer>', 'FIFO: the same id within 5 minutes is the same message')
  const command = queue
    .command('send')
    .description('send lines to a queue, a message each: JSON or anything else')
    .argument('<queue>')
    .argument('[file...]', 'files of lines; stdin when none is given')
    .addOption(group.argParser(pointerArgument).conflicts('groupText'))
    .option('--group-text <text>', 'message group: this text for all')
    .addOption(id.argParser(pointerArgument))
    .option('--delay <length>', 'how long they are invisible at first', durationArgument)
  takesJson(takesBroker(command), 'print the counts as JSON').addHelpText('after', help).action(send)
}

const help = `
Messages of a FIFO queue need a group; those of one group are received in order. Lines are read as millrace put reads them.

Examples:
  $ echo '{"mail": "a@example.com"}' | millrace queue send mails
  $ millrace queue send bookings.fifo bookings.ndjson --group /seat --deduplication-id /id`

async function send(name: string, files: readonly string[], flags: SendFlags): Promise<void> {
  const signal = interruptSignal()
  await withClient(flags, async (client) => {
    const queue = client.queue(name)
    const { messageBytesMax } = await queue.describe()
    const { json = false } = flags
    const sink = () => new QueueSink(queue, flags)
    await putLines({
      files,
      sink,
      lineBytesMax: messageBytesMax,
      signal,
      json,
      noun: 'message',
      target: { queue: name },
    })
  })
}

/** Messages that may wait for their answers. */
const unansweredMax = 4_000

class QueueSink implements LineSink {
  readonly #queue: QueueHandle
  readonly #message: (line: Uint8Array) => { group?: string; deduplicationId?: string; delayMillis?: number }
  #unanswered = 0
  #wakes: (() => void)[] = []

  constructor(queue: QueueHandle, { group, groupText, deduplicationId, delay }: SendFlags) {
    this.#queue = queue
    const groupOf = group === undefined ? undefined : pointedAt(group)
    const idOf = deduplicationId === undefined ? undefined : pointedAt(deduplicationId)
    this.#message = (line) => ({
      ...(groupText === undefined ? {} : { group: groupText }),
      ...(groupOf === undefined ? {} : { group: groupOf(line) }),
      ...(idOf === undefined ? {} : { deduplicationId: idOf(line) }),
      ...(delay === undefined ? {} : { delayMillis: delay }),
    })
  }

  put(line: Uint8Array): Promise<unknown> {
    // What is sent waits for its turn; the line's bytes may be overwritten before.
    const sent = this.#queue.send({ ...this.#message(line), data: line.slice() })
    this.#unanswered++
    return sent.finally(() => {
      this.#unanswered--
      for (const wake of this.#wakes.splice(0)) wake()
    })
  }

  ready(): Promise<void> {
    return this.#until(unansweredMax)
  }

  close(): Promise<void> {
    return this.#until(0)
  }

  async #until(unanswered: number): Promise<void> {
    while (this.#unanswered > unanswered) await new Promise<void>((resolve) => this.#wakes.push(resolve))
  }
}
