import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { targetText } from '../target.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { instantText } from './description.ts'

interface ListFlags extends BrokerFlags {
  readonly group?: string
  readonly json?: boolean
}

export function addList(schedule: Command): void {
  const command = schedule
    .command('list')
    .alias('ls')
    .description('list schedules, and when each fires next')
    .option('--group <group>', 'only those of this group')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace schedule list
  $ millrace schedule list --json | jq '.[] | {name, next: .next[0]}'`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const schedules = await client.schedules(flags.group)
    if (flags.json) return printJson(schedules)
    if (schedules.length === 0) {
      return printLine("There are no schedules. Add one: millrace schedule add NAME 'rate(5 minutes)' --to queue:jobs")
    }
    const columns = ['schedule', 'fires', 'zone', 'target', 'next'].map((name) => ({ name }))
    const rows = schedules.map((schedule) => {
      const { name, group, expression, timeZone, next, paused } = schedule
      const [first] = next
      return [
        group === 'default' ? name : `${group}/${name}`,
        expression,
        timeZone,
        targetText(schedule.target),
        paused ? 'paused' : first === undefined ? 'done' : instantText(first),
      ]
    })
    await printLine(table(columns, rows))
  })
}
