import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

export function addRemove(binding: Command): void {
  const command = binding
    .command('remove')
    .alias('rm')
    .description('delete bindings, and their positions')
    .argument('<name...>')
  takesBroker(command).addHelpText('after', help).action(remove)
}

const help = `
Examples:
  $ millrace binding remove resize`

async function remove(names: readonly string[], flags: BrokerFlags): Promise<void> {
  await withClient(flags, async (client) => {
    for (const name of names) {
      await client.binding(name).delete()
      await printLine(`Binding ${name} is deleted.`)
    }
  })
}
