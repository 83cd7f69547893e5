import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { objectArgument } from './json.ts'

interface PutFlags extends BrokerFlags {
  readonly source: string
  readonly type: string
  readonly resource?: readonly string[]
  readonly json?: boolean
}

export function addPut(bus: Command): void {
  const command = bus
    .command('put')
    .description('put an event on a bus; what its rules send to queues and streams is there when this is done')
    .argument('<bus>')
    .argument('[detail]', 'a JSON object', objectArgument)
    .requiredOption('--source <name>', 'who says so, such as shop.orders')
    .requiredOption('--type <text>', 'what has happened, such as "order placed"')
    .option('--resource <arn...>', 'what it is about')
  takesJson(takesBroker(command)).addHelpText('after', help).action(put)
}

const help = `
Examples:
  $ millrace bus put default --source shop --type "order placed" '{"total": 42}'`

async function put(bus: string, detail: object | undefined, flags: PutFlags): Promise<void> {
  const { source, type, resource: resources = [] } = flags
  await withClient(flags, async (client) => {
    const result = await client.bus(bus).put({ source, type, resources, detail: detail ?? {} })
    if (flags.json) await printJson(result)
    else await printLine(result.id)
  })
}
