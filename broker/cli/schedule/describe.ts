import type { Command } from 'commander'
import { takesBroker, takesJson, withClient } from '../with-client.ts'
import { printSchedule } from './description.ts'
import { type GroupFlags, takesGroup } from './group.ts'

interface DescribeFlags extends GroupFlags {
  readonly json?: boolean
}

export function addDescribe(schedule: Command): void {
  const command = schedule
    .command('describe')
    .description('show a schedule, and the times it fires at next')
    .argument('<name>')
  takesJson(takesGroup(takesBroker(command)))
    .addHelpText('after', help)
    .action(describe)
}

const help = `
Examples:
  $ millrace schedule describe report
  $ millrace schedule describe report --json | jq .next`

async function describe(name: string, flags: DescribeFlags): Promise<void> {
  await withClient(flags, async (client) =>
    printSchedule(await client.schedule(name, flags.group).describe(), flags.json),
  )
}
