import type { Command } from 'commander'
import { durationText } from '../duration.ts'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addList(queue: Command): void {
  const command = queue
    .command('list')
    .alias('ls')
    .description('list all queues and how many messages they hold')
    .argument('[prefix]', 'only those whose names begin like this')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace queue list
  $ millrace queue list jobs- --json`

async function list(prefix: string | undefined, flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const queues = await client.queues(prefix)
    if (flags.json) await printJson(queues)
    else if (queues.length === 0) await printLine('There are no queues. Create one: millrace queue create jobs')
    else {
      const rows = queues.map(({ name, messages, retentionMillis }) => [
        name,
        count(messages.visible),
        count(messages.inFlight),
        count(messages.delayed),
        durationText(retentionMillis),
      ])
      await printLine(table([...messageColumns, { name: 'kept', align: 'right' }], rows))
    }
  })
}

export const messageColumns = [
  { name: 'queue' },
  { name: 'visible', align: 'right' },
  { name: 'in flight', align: 'right' },
  { name: 'delayed', align: 'right' },
] as const
