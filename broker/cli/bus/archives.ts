import type { Command } from 'commander'
import { bytesText } from '../byte-size.ts'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ArchivesFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addArchives(bus: Command): void {
  const command = bus
    .command('archives')
    .description('list the archives of a bus, and what they hold')
    .argument('[bus]', 'its name', 'default')
  takesJson(takesBroker(command)).addHelpText('after', help).action(archives)
}

const help = `
Examples:
  $ millrace bus archives
  $ millrace bus archives shop`

async function archives(bus: string, flags: ArchivesFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const all = await client.bus(bus).archives()
    if (flags.json) return printJson(all)
    if (all.length === 0) return printLine(`Bus ${bus} has no archives. Make one: millrace bus archive NAME`)
    const columns = [
      { name: 'archive' },
      { name: 'of' },
      { name: 'events', align: 'right' },
      { name: 'size', align: 'right' },
      { name: 'kept', align: 'right' },
    ] as const
    const rows = all.map(({ name, pattern, events, bytes, retentionDays }) => [
      name,
      pattern === undefined ? 'all events' : JSON.stringify(pattern),
      count(events),
      bytesText(bytes),
      retentionDays === 0 ? 'for ever' : `${retentionDays}d`,
    ])
    await printLine(table(columns, rows))
  })
}
