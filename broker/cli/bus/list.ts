import type { Command } from 'commander'
import { durationText } from '../duration.ts'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addList(bus: Command): void {
  const command = bus.command('list').alias('ls').description('list all event buses')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace bus list`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const buses = await client.buses()
    if (flags.json) return printJson(buses)
    const columns = [
      { name: 'bus' },
      { name: 'rules', align: 'right' },
      { name: 'events so far', align: 'right' },
      { name: 'kept', align: 'right' },
    ] as const
    const rows = buses.map(({ name, rules, shards, retentionMillis }) => [
      name,
      count(rules),
      count(shards[0]?.next ?? 0),
      durationText(retentionMillis),
    ])
    await printLine(table(columns, rows))
  })
}
