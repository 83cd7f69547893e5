import type { Command } from 'commander'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printQueue } from './description.ts'
import { type SettingFlags, settingsIn, takesSettings } from './settings.ts'

interface CreateFlags extends BrokerFlags, SettingFlags {
  readonly fifo?: boolean
  readonly contentBasedDeduplication?: boolean
  readonly json?: boolean
}

export function addCreate(queue: Command): void {
  const command = takesSettings(
    queue
      .command('create')
      .description('create a queue; one that exists with the same settings is taken as it is')
      .argument('<name>'),
  )
    .option('--fifo', 'messages of a group are received in order; so is any queue whose name ends in .fifo')
    .option('--content-based-deduplication', 'FIFO: the same data within 5 minutes is the same message')
  takesJson(takesBroker(command)).addHelpText('after', help).action(create)
}

const help = `
Examples:
  $ millrace queue create jobs --visibility 2m
  $ millrace queue create failed
  $ millrace queue create mails --dead-letter failed:5
  $ millrace queue create bookings.fifo --content-based-deduplication`

async function create(name: string, flags: CreateFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { fifo, contentBasedDeduplication } = flags
    const description = await client.queue(name).create({
      ...settingsIn(flags),
      ...(fifo === undefined ? {} : { fifo }),
      ...(contentBasedDeduplication === undefined ? {} : { contentBasedDeduplication }),
    })
    await printQueue(description, flags.json)
  })
}
