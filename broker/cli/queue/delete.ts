import type { Command } from 'commander'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface DeleteFlags extends BrokerFlags {
  readonly yes?: boolean
}

export function addDelete(queue: Command): void {
  const command = queue
    .command('delete')
    .alias('rm')
    .description('delete queues with all their messages')
    .argument('<name...>')
    .option('-y, --yes', 'do not ask; asked is only at a terminal')
  takesBroker(command).addHelpText('after', help).action(deleteQueues)
}

const help = `
Examples:
  $ millrace queue delete jobs`

async function deleteQueues(names: readonly string[], flags: DeleteFlags): Promise<void> {
  await withClient(flags, async (client) => {
    if (flags.yes !== true && !(await confirm(`Delete ${names.join(', ')} with all messages?`))) {
      process.exitCode = exitCodes.failed
      return
    }
    for (const name of names) {
      await client.queue(name).delete()
      await printLine(`Deleted ${name}.`)
    }
  })
}
