import type { Command } from 'commander'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printStream } from './description.ts'

interface DescribeFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addDescribe(stream: Command): void {
  const command = stream.command('describe').description('show a stream and its shards').argument('<name>')
  takesJson(takesBroker(command)).addHelpText('after', help).action(describe)
}

const help = `
The sequences that a shard holds run from first to the one before next.

Examples:
  $ millrace stream describe orders
  $ millrace stream describe orders --json | jq '.shards[] | select(.status == "open")'`

async function describe(name: string, flags: DescribeFlags): Promise<void> {
  await withClient(flags, async (client) => printStream(await client.stream(name).describe(), flags.json))
}
