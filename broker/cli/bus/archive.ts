import type { Command } from 'commander'
import { integerArgument } from '../arguments.ts'
import { printJson, printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { objectArgument } from './json.ts'

interface ArchiveFlags extends BrokerFlags {
  readonly bus: string
  readonly pattern?: object
  readonly days?: number
  readonly remove?: boolean
  readonly json?: boolean
}

export function addArchive(bus: Command): void {
  const command = bus
    .command('archive')
    .description('keep the events of a bus from now on, so that they can be replayed')
    .argument('<name>')
    .option('--bus <name>', 'of which bus', 'default')
    .option('--pattern <json>', 'only events that match', objectArgument)
    .option('--days <number>', 'for how long; for ever by default', integerArgument(1))
    .option('--remove', 'remove it')
  takesJson(takesBroker(command)).addHelpText('after', help).action(archive)
}

const help = `
Examples:
  $ millrace bus archive orders --pattern '{"source": ["shop"]}' --days 30`

async function archive(name: string, flags: ArchiveFlags): Promise<void> {
  const { pattern, days } = flags
  await withClient(flags, async (client) => {
    const bus = client.bus(flags.bus)
    if (flags.remove) {
      await bus.deleteArchive(name)
      return printLine(`Removed ${name}.`)
    }
    const made = await bus.archive(name, {
      ...(pattern === undefined ? {} : { pattern }),
      ...(days === undefined ? {} : { retentionDays: days }),
    })
    if (flags.json) return printJson(made)
    await printLine(`${name}: keeps the events of bus ${made.bus} from now on`)
  })
}
