import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

export function addRemove(functions: Command): void {
  const command = functions.command('remove').alias('rm').description('delete a function').argument('<name>')
  takesBroker(command).addHelpText('after', help).action(remove)
}

const help = `
Examples:
  $ millrace function remove resize`

async function remove(name: string, flags: BrokerFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    await endpoint.call({ method: 'DELETE', path: `/v1/functions/${encodeURIComponent(name)}` })
    await printLine(`Function ${name} is deleted.`)
  })
}
