import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { takesBroker, withClient } from '../with-client.ts'
import { type GroupFlags, takesGroup } from './group.ts'

export function addRemove(schedule: Command): void {
  const command = schedule.command('remove').alias('rm').description('delete schedules').argument('<name...>')
  takesGroup(takesBroker(command)).addHelpText('after', help).action(remove)
}

const help = `
Examples:
  $ millrace schedule remove report`

async function remove(names: readonly string[], flags: GroupFlags): Promise<void> {
  await withClient(flags, async (client) => {
    for (const name of names) {
      await client.schedule(name, flags.group).delete()
      await printLine(`Schedule ${name} is deleted.`)
    }
  })
}
