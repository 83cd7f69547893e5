import type { Command } from 'commander'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface DeleteFlags extends BrokerFlags {
  readonly yes?: boolean
}

export function addDelete(bus: Command): void {
  const command = bus
    .command('delete')
    .alias('rm')
    .description('delete event buses that have no rules, with their events and archives')
    .argument('<name...>')
    .option('-y, --yes', 'do not ask; asked is only at a terminal')
  takesBroker(command).addHelpText('after', help).action(deleteBuses)
}

const help = `
Examples:
  $ millrace bus delete shop`

async function deleteBuses(names: readonly string[], flags: DeleteFlags): Promise<void> {
  await withClient(flags, async (client) => {
    if (flags.yes !== true && !(await confirm(`Delete ${names.join(', ')} with all events?`))) {
      process.exitCode = exitCodes.failed
      return
    }
    for (const name of names) {
      await client.bus(name).delete()
      await printLine(`Deleted ${name}.`)
    }
  })
}
