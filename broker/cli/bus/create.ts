import type { Command } from 'commander'
import { durationArgument, durationText } from '../duration.ts'
import { printJson, printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface CreateFlags extends BrokerFlags {
  readonly retention?: number
  readonly description?: string
  readonly ifMissing?: boolean
  readonly json?: boolean
}

export function addCreate(bus: Command): void {
  const command = bus
    .command('create')
    .description('create an event bus; the bus default is always there')
    .argument('<name>')
    .option('--retention <time>', 'how long its events are kept, 1h by default', durationArgument)
    .option('--description <text>', 'what it is for')
    .option('--if-missing', 'take one of this name as it is')
  takesJson(takesBroker(command)).addHelpText('after', help).action(create)
}

const help = `
Examples:
  $ millrace bus create shop
  $ millrace bus create shop --retention 2d --if-missing`

async function create(name: string, flags: CreateFlags): Promise<void> {
  const { retention, description, ifMissing = false } = flags
  await withClient(flags, async (client) => {
    const bus = await client.bus(name).create({
      ...(retention === undefined ? {} : { retentionMillis: retention }),
      ...(description === undefined ? {} : { description }),
      ifMissing,
    })
    if (flags.json) await printJson(bus)
    else await printLine(`${bus.name}: keeps its events for ${durationText(bus.retentionMillis)}`)
  })
}
