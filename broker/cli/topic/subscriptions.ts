import type { Command } from 'commander'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addSubscriptions(topic: Command): void {
  const command = topic
    .command('subscriptions')
    .description("list a topic's subscriptions, what waits for them, and why the last message did not arrive")
    .argument('<topic>')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace topic subscriptions orders`

async function list(name: string, flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const subscriptions = await client.topic(name).subscriptions()
    if (flags.json) return printJson(subscriptions)
    if (subscriptions.length === 0) return printLine(`Nobody subscribes to ${name}.`)
    const columns = [
      { name: 'subscription' },
      { name: 'target' },
      { name: 'filter' },
      { name: 'lag', align: 'right' },
      { name: 'state' },
    ] as const
    const rows = subscriptions.map(({ subscription, target, filter, lag, pending, lastError }) => [
      subscription,
      Object.entries(target)
        .map(([kind, value]) => `${kind}:${value}`)
        .join(' '),
      filter === undefined ? '-' : JSON.stringify(filter),
      count(lag),
      pending ? 'pending' : (lastError ?? 'ok'),
    ])
    await printLine(table(columns, rows))
  })
}
