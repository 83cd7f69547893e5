import { type Command, InvalidArgumentError, Option } from 'commander'
import { interruptSignal } from '../interrupt.ts'
import { MessageLines, type OrderFlags, orderIn } from '../message-lines.ts'
import { pointerArgument } from '../pointer.ts'
import { putLines } from '../put-lines.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface PublishFlags extends BrokerFlags, OrderFlags {
  readonly attribute?: Readonly<Record<string, string>>
  readonly subject?: string
  readonly json?: boolean
}

export function addPublish(topic: Command): void {
  const group = new Option('--group <pointer>', 'message group: what this JSON pointer finds in each line')
  const id = new Option('--deduplication-id <pointer>', 'FIFO: the same id within 5 minutes is the same message')
  const command = topic
    .command('publish')
    .description('publish lines to a topic, a message each: JSON or anything else')
    .argument('<topic>')
    .argument('[file...]', 'files of lines; stdin when none is given')
    .option('--attribute <name=value>', 'an attribute of all of them; may be given several times', attributeArgument)
    .option('--subject <text>', 'a line about them, which envelopes carry')
    .addOption(group.argParser(pointerArgument).conflicts('groupText'))
    .option('--group-text <text>', 'message group: this text for all')
    .addOption(id.argParser(pointerArgument))
  takesJson(takesBroker(command), 'print the counts as JSON').addHelpText('after', help).action(publish)
}

const help = `
Examples:
  $ echo '{"id": 1, "total": 42}' | millrace topic publish orders --attribute kind=order
  $ millrace topic publish bookings.fifo bookings.ndjson --group /seat --deduplication-id /id`

function attributeArgument(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

async function publish(name: string, files: readonly string[], flags: PublishFlags): Promise<void> {
  const signal = interruptSignal()
  await withClient(flags, async (client) => {
    const topic = client.topic(name)
    const { messageBytesMax: lineBytesMax } = await topic.describe()
    const { json = false } = flags
    const { attribute: attributes, subject } = flags
    const order = orderIn(flags)
    const rest = { ...(attributes === undefined ? {} : { attributes }), ...(subject === undefined ? {} : { subject }) }
    const sink = () => new MessageLines((data) => topic.publish({ ...rest, ...order(data), data }))
    await putLines({ files, sink, lineBytesMax, signal, json, noun: 'message', target: { topic: name } })
  })
}
