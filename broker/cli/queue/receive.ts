import { type Command, Option } from 'commander'
import type { Client, Message } from '../../../client/index.ts'
import { RealClock } from '../../clock.ts'
import { integerArgument } from '../arguments.ts'
import { durationArgument } from '../duration.ts'
import { interruptSignal } from '../interrupt.ts'
import { print } from '../output.ts'
import { readerGone } from '../reader-watch.ts'
import { rawData } from '../record-text.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'
import { jsonMessage, type MessageFormat, prettyMessage } from './message-text.ts'

interface ReceiveFlags extends BrokerFlags {
  readonly limit?: number
  readonly wait?: number
  readonly keep?: boolean
  readonly json?: boolean
  readonly raw?: boolean
}

export function addReceive(queue: Command): void {
  const json = new Option('--json', 'a JSON object a line, the data as json, text or data')
  const command = queue
    .command('receive')
    .description('receive messages as they come, print them, and delete each once it is printed')
    .argument('<queue>')
    .option('--limit <number>', 'end after so many messages', integerArgument(1))
    .option('--wait <length>', 'end when none came for so long (default: for ever)', durationArgument)
    .option('--keep', 'do not delete them: they come again after their visibility timeout')
    .addOption(json.conflicts('raw'))
    .option('--raw', "each message's data alone, a line each")
  takesBroker(command).addHelpText('after', help).action(receive)
}

const help = `
To look at messages without receiving them: millrace queue peek.

Examples:
  $ millrace queue receive jobs
  $ millrace queue receive jobs --limit 1 --raw
  $ millrace queue receive failed --wait 2s --raw > failed.ndjson`

async function receive(name: string, flags: ReceiveFlags): Promise<void> {
  const signal = AbortSignal.any([interruptSignal(), await readerGone()])
  await withClient(flags, (client) => receiveAll(client, name, flags, signal))
}

async function receiveAll(client: Client, name: string, flags: ReceiveFlags, signal: AbortSignal): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY, keep = false } = flags
  const format: MessageFormat = flags.json ? jsonMessage : flags.raw ? rawData : prettyMessage
  const enough = new AbortController()
  const ended = AbortSignal.any([signal, enough.signal])
  const queue = client.queue(name)
  // What is kept comes again when the queue says so; what is deleted is invisible until then, however long that takes.
  const visibility = keep ? { visibilityMillis: Math.max(1_000, (await queue.describe()).visibilityMillis) } : {}
  await using receiver = queue.receive({ prefetch: Math.min(limit, 100), signal: ended, ...visibility })
  const settling = new Set<Promise<void>>()
  for (let received = 0; received < limit && !ended.aborted; received++) {
    const message = await within(flags.wait, () => enough.abort(), receiver.take())
    if (message === undefined) break
    await print(format(message))
    if (keep) receiver.letGo(message)
    else settle(message, settling)
  }
  await Promise.all(settling)
}

/** Deletes behind the printing; what goes wrong is thrown once all is printed. */
function settle(message: Message, settling: Set<Promise<void>>): void {
  const settled = message.delete()
  settling.add(settled)
  settled.then(
    () => settling.delete(settled),
    () => undefined,
  )
}

/** `taken`, or `give up` first when it lasts longer than `millis`. */
async function within<T>(millis: number | undefined, giveUp: () => void, taken: Promise<T>): Promise<T> {
  const timer = millis === undefined ? undefined : new RealClock().after(millis, giveUp)
  try {
    return await taken
  } finally {
    timer?.cancel()
  }
}
