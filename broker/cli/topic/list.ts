import type { Command } from 'commander'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addList(topic: Command): void {
  const command = topic.command('list').alias('ls').description('list all topics')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace topic list`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const topics = await client.topics()
    if (flags.json) return printJson(topics)
    if (topics.length === 0) return printLine('There are no topics. Create one: millrace topic create orders')
    const columns = [{ name: 'topic' }, { name: 'kind' }, { name: 'subscriptions', align: 'right' }] as const
    const rows = topics.map(({ name, fifo, subscriptions }) => [name, fifo ? 'FIFO' : 'standard', count(subscriptions)])
    await printLine(table(columns, rows))
  })
}
