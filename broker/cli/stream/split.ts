import type { Command } from 'commander'
import { hashKeyArgument, shardArgument } from '../arguments.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printStream } from './description.ts'

interface SplitFlags extends BrokerFlags {
  readonly at?: bigint
  readonly json?: boolean
}

export function addSplit(stream: Command): void {
  const command = stream
    .command('split')
    .description('split a shard in two, for more throughput; the order of each key is kept')
    .argument('<name>')
    .argument('<shard>', 'number of an open shard', shardArgument)
    .option('--at <hash-key>', 'where the second half begins (default: the middle)', hashKeyArgument)
  takesJson(takesBroker(command)).addHelpText('after', help).action(split)
}

const help = `
Examples:
  $ millrace stream split orders 0`

async function split(name: string, shard: number, flags: SplitFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { at } = flags
    await printStream(await client.stream(name).split(shard, at === undefined ? {} : { at }), flags.json)
  })
}
