import type { Command } from 'commander'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printQueue } from './description.ts'

interface DescribeFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addDescribe(queue: Command): void {
  const command = queue
    .command('describe')
    .description('show a queue, its settings and its messages')
    .argument('<name>')
  takesJson(takesBroker(command)).addHelpText('after', help).action(describe)
}

const help = `
Examples:
  $ millrace queue describe jobs
  $ millrace queue describe jobs --json | jq .messages`

async function describe(name: string, flags: DescribeFlags): Promise<void> {
  await withClient(flags, async (client) => printQueue(await client.queue(name).describe(), flags.json))
}
