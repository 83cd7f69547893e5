import type { Command } from 'commander'
import { printLine } from '../output.ts'
import { takesBroker, withClient } from '../with-client.ts'
import { instantText } from './description.ts'
import { type GroupFlags, takesGroup } from './group.ts'

/** `pause` and `resume`. */
export function addPause(schedule: Command): void {
  const pausing = schedule.command('pause').description('stop schedules until they are resumed').argument('<name...>')
  takesGroup(takesBroker(pausing)).addHelpText('after', help('pause')).action(pause)
  const resuming = schedule.command('resume').description('let paused schedules fire again').argument('<name...>')
  takesGroup(takesBroker(resuming)).addHelpText('after', help('resume')).action(resume)
}

function help(command: string): string {
  return `
Examples:
  $ millrace schedule ${command} report`
}

async function pause(names: readonly string[], flags: GroupFlags): Promise<void> {
  await withClient(flags, async (client) => {
    for (const name of names) {
      await client.schedule(name, flags.group).pause()
      await printLine(`Schedule ${name} is paused.`)
    }
  })
}

async function resume(names: readonly string[], flags: GroupFlags): Promise<void> {
  await withClient(flags, async (client) => {
    for (const name of names) {
      const [next] = (await client.schedule(name, flags.group).resume()).next
      await printLine(`Schedule ${name} ${next === undefined ? 'is done' : `fires next at ${instantText(next)}`}.`)
    }
  })
}
