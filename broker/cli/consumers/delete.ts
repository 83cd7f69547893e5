import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'
import { requireIdle } from './idle.ts'

interface DeleteFlags extends BrokerFlags {
  readonly force?: boolean
}

export function addDelete(consumers: Command): void {
  const command = consumers
    .command('delete')
    .alias('rm')
    .description("forget a consumer's checkpoints")
    .argument('<stream>')
    .argument('<consumer>')
    .option('--force', 'even while members of a group of this name are at work')
  takesBroker(command).addHelpText('after', help).action(deleteConsumer)
}

const help = `
Examples:
  $ millrace consumers delete orders billing`

async function deleteConsumer(stream: string, consumer: string, flags: DeleteFlags): Promise<void> {
  await withClient(flags, async (client) => {
    if (flags.force !== true) await requireIdle(client, stream, consumer)
    await client.stream(stream).deleteConsumer(consumer)
    await printLine(`Deleted ${consumer}.`)
  })
}
