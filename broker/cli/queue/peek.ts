import { type Command, Option } from 'commander'
import { integerArgument } from '../arguments.ts'
import { print } from '../output.ts'
import { rawData } from '../record-text.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'
import { jsonMessage, type MessageFormat, prettyMessage } from './message-text.ts'

interface PeekFlags extends BrokerFlags {
  readonly limit: number
  readonly json?: boolean
  readonly raw?: boolean
}

export function addPeek(queue: Command): void {
  const json = new Option('--json', 'a JSON object a line, the data as json, text or data')
  const command = queue
    .command('peek')
    .description('look at messages without receiving them')
    .argument('<queue>')
    .option('--limit <number>', 'how many', integerArgument(1), 10)
    .addOption(json.conflicts('raw'))
    .option('--raw', "each message's data alone, a line each")
  takesBroker(command).addHelpText('after', help).action(peek)
}

const help = `
Examples:
  $ millrace queue peek failed
  $ millrace queue peek failed --limit 1000 --json | jq .json.reason`

async function peek(name: string, flags: PeekFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const format: MessageFormat = flags.json ? jsonMessage : flags.raw ? rawData : prettyMessage
    let left = flags.limit
    let from: number | undefined = 0
    while (from !== undefined && left > 0) {
      const page = await client.queue(name).peek({ from, limit: Math.min(left, pageMessagesMax) })
      for (const message of page.messages) await print(format(message))
      left -= page.messages.length
      from = page.next
    }
  })
}

/** Messages of one page. */
const pageMessagesMax = 1_000
