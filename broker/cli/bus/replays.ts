import type { Command } from 'commander'
import { count, printJson, printLine, timeText } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ReplaysFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addReplays(bus: Command): void {
  const command = bus
    .command('replays')
    .description('list the replays of a bus, and how far they are')
    .argument('[bus]', 'its name', 'default')
  takesJson(takesBroker(command)).addHelpText('after', help).action(replays)
}

const help = `
Examples:
  $ millrace bus replays`

async function replays(bus: string, flags: ReplaysFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const all = await client.bus(bus).replays()
    if (flags.json) return printJson(all)
    if (all.length === 0) return printLine(`Bus ${bus} has had no replays.`)
    const columns = [
      { name: 'replay' },
      { name: 'archive' },
      { name: 'state' },
      { name: 'done', align: 'right' },
      { name: 'events', align: 'right' },
      { name: 'started' },
    ] as const
    const rows = all.map(({ name, archive, state, progress, events, startedAt }) => [
      name,
      archive,
      state.toLowerCase(),
      `${Math.floor(progress * 100)} %`,
      count(events),
      timeText(startedAt),
    ])
    await printLine(table(columns, rows))
  })
}
