import type { Command } from 'commander'
import { integerArgument } from '../arguments.ts'
import { printJson, printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface CreateFlags extends BrokerFlags {
  readonly fifo?: boolean
  readonly contentBasedDeduplication?: boolean
  readonly archiveDays?: number
  readonly json?: boolean
}

export function addCreate(topic: Command): void {
  const command = topic
    .command('create')
    .description('create a topic; one that exists with the same settings is taken as it is')
    .argument('<name>')
    .option('--fifo', 'messages of a group reach FIFO queues in order; so it is for any name that ends in .fifo')
    .option('--content-based-deduplication', 'FIFO: the same data within 5 minutes is the same message')
    .option('--archive-days <days>', 'FIFO: keep messages for so long', integerArgument(0))
  takesJson(takesBroker(command)).addHelpText('after', help).action(create)
}

const help = `
Examples:
  $ millrace topic create orders
  $ millrace topic create bookings.fifo --content-based-deduplication`

async function create(name: string, flags: CreateFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { fifo, contentBasedDeduplication, archiveDays } = flags
    const description = await client.topic(name).create({
      ...(fifo === undefined ? {} : { fifo }),
      ...(contentBasedDeduplication === undefined ? {} : { contentBasedDeduplication }),
      ...(archiveDays === undefined ? {} : { archiveDays }),
    })
    if (flags.json) await printJson(description)
    else
      await printLine(
        `Topic ${name}${description.fifo ? ' (FIFO)' : ''} with ${description.subscriptions} subscriptions.`,
      )
  })
}
