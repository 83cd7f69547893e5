import type { Command } from 'commander'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface DeleteFlags extends BrokerFlags {
  readonly yes?: boolean
}

export function addDelete(topic: Command): void {
  const command = topic
    .command('delete')
    .alias('rm')
    .description('delete topics with all their subscriptions')
    .argument('<name...>')
    .option('-y, --yes', 'do not ask; asked is only at a terminal')
  takesBroker(command).addHelpText('after', help).action(deleteTopics)
}

const help = `
Examples:
  $ millrace topic delete orders`

async function deleteTopics(names: readonly string[], flags: DeleteFlags): Promise<void> {
  await withClient(flags, async (client) => {
    if (flags.yes !== true && !(await confirm(`Delete ${names.join(', ')} with all subscriptions?`))) {
      process.exitCode = exitCodes.failed
      return
    }
    for (const name of names) {
      await client.topic(name).delete()
      await printLine(`Deleted ${name}.`)
    }
  })
}
