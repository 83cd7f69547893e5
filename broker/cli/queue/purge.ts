import type { Command } from 'commander'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface PurgeFlags extends BrokerFlags {
  readonly yes?: boolean
}

export function addPurge(queue: Command): void {
  const command = queue
    .command('purge')
    .description('delete all messages that are in a queue now')
    .argument('<name>')
    .option('-y, --yes', 'do not ask; asked is only at a terminal')
  takesBroker(command).addHelpText('after', help).action(purge)
}

const help = `
Examples:
  $ millrace queue purge jobs`

async function purge(name: string, flags: PurgeFlags): Promise<void> {
  await withClient(flags, async (client) => {
    if (flags.yes !== true && !(await confirm(`Delete all messages of ${name}?`))) {
      process.exitCode = exitCodes.failed
      return
    }
    await client.queue(name).purge()
    await printLine(`Purged ${name}.`)
  })
}
