import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

export function addUnsubscribe(topic: Command): void {
  const command = topic
    .command('unsubscribe')
    .description('end a subscription; what a queue or a stream has got stays there')
    .argument('<topic>')
    .argument('<subscription>')
  takesBroker(command).addHelpText('after', help).action(unsubscribe)
}

const help = `
Examples:
  $ millrace topic unsubscribe orders billing`

async function unsubscribe(name: string, subscription: string, flags: BrokerFlags): Promise<void> {
  await withClient(flags, async (client) => {
    await client.topic(name).deleteSubscription(subscription)
    await printLine(`Subscription ${subscription} of ${name} has ended.`)
  })
}
