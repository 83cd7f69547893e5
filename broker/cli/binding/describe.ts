import type { Command } from 'commander'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printBinding } from './description.ts'

interface DescribeFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addDescribe(binding: Command): void {
  const command = binding.command('describe').description('show a binding, and how it fares').argument('<name>')
  takesJson(takesBroker(command)).addHelpText('after', help).action(describe)
}

const help = `
Examples:
  $ millrace binding describe resize
  $ millrace binding describe resize --json | jq .status`

async function describe(name: string, flags: DescribeFlags): Promise<void> {
  await withClient(flags, async (client) => printBinding(await client.binding(name).describe(), flags.json))
}
