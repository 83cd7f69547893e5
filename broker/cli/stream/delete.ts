import type { Command } from 'commander'
import { confirm } from '../confirm.ts'
import { exitCodes } from '../exit-codes.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface DeleteFlags extends BrokerFlags {
  readonly yes?: boolean
}

export function addDelete(stream: Command): void {
  const command = stream
    .command('delete')
    .alias('rm')
    .description('delete streams with all their records and consumers')
    .argument('<name...>')
    .option('-y, --yes', 'do not ask; asked is only at a terminal')
  takesBroker(command).addHelpText('after', help).action(deleteStreams)
}

const help = `
Examples:
  $ millrace stream delete orders
  $ millrace stream delete orders clicks --yes`

async function deleteStreams(names: readonly string[], flags: DeleteFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const question = `Delete ${names.join(', ')} with all records and consumers?`
    if (flags.yes !== true && !(await confirm(question))) {
      process.exitCode = exitCodes.failed
      return
    }
    for (const name of names) {
      await client.stream(name).delete()
      await printLine(`Deleted ${name}.`)
    }
  })
}
