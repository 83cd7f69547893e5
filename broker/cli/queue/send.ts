import { type Command, Option } from 'commander'
import { durationArgument } from '../duration.ts'
import { interruptSignal } from '../interrupt.ts'
import { MessageLines, type OrderFlags, orderIn } from '../message-lines.ts'
import { pointerArgument } from '../pointer.ts'
import { putLines } from '../put-lines.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface SendFlags extends BrokerFlags, OrderFlags {
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
    const order = orderIn(flags)
    const delay = flags.delay === undefined ? {} : { delayMillis: flags.delay }
    const sink = () => new MessageLines((data) => queue.send({ ...order(data), ...delay, data }))
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
