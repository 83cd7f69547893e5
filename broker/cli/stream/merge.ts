import type { Command } from 'commander'
import { shardArgument } from '../arguments.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printStream } from './description.ts'

interface MergeFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addMerge(stream: Command): void {
  const command = stream
    .command('merge')
    .description('merge two shards whose ranges of keys touch')
    .argument('<name>')
    .argument('<shard>', 'number of an open shard', shardArgument)
    .argument('<other>', 'number of an open shard next to it', shardArgument)
  takesJson(takesBroker(command)).addHelpText('after', help).action(merge)
}

const help = `
Examples:
  $ millrace stream merge orders 1 2`

async function merge(name: string, shard: number, other: number, flags: MergeFlags): Promise<void> {
  await withClient(flags, async (client) => printStream(await client.stream(name).merge(shard, other), flags.json))
}
