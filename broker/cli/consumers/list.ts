import type { Command } from 'commander'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addList(consumers: Command): void {
  const command = consumers
    .command('list')
    .alias('ls')
    .description("list a stream's consumers, their checkpoints and their lag in records")
    .argument('<stream>')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace consumers list orders
  $ millrace consumers list orders --json | jq '.[] | {consumer, lag: ([.shards[].lag] | add)}'`

async function list(stream: string, flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const consumers = await client.stream(stream).consumers()
    if (flags.json) await printJson(consumers)
    else if (consumers.length === 0) {
      await printLine(`${stream} has no consumers. A consumer exists from its first checkpoint on.`)
    } else {
      const rows = consumers.flatMap(({ consumer, shards }) =>
        shards.map(({ shard, next, lag }) => [consumer, `${shard}`, count(next), count(lag)]),
      )
      await printLine(table(consumerColumns, rows))
    }
  })
}

export const consumerColumns = [
  { name: 'consumer' },
  { name: 'shard', align: 'right' },
  { name: 'next', align: 'right' },
  { name: 'lag', align: 'right' },
] as const
