import { type Command, InvalidArgumentError, Option } from 'commander'
import { durationArgument } from '../duration.ts'
import { type Target, targetArgument, targetHelp } from '../target.ts'
import { takesBroker, takesJson, withClient } from '../with-client.ts'
import { printSchedule } from './description.ts'
import { type GroupFlags, takesGroup } from './group.ts'

interface AddFlags extends GroupFlags {
  readonly to: Target
  readonly input?: string
  readonly zone?: string
  readonly window?: number
  readonly start?: number
  readonly end?: number
  readonly deadLetter?: string
  readonly deleteAfter?: boolean
  readonly paused?: boolean
  readonly json?: boolean
}

export function addAdd(schedule: Command): void {
  const command = schedule
    .command('add')
    .description('add a schedule, or change all of one')
    .argument('<name>')
    .argument('<expression>', "when: 'cron(0 9 ? * MON-FRI *)', 'rate(5 minutes)' or 'at(2030-01-31T09:00:00)'")
    .requiredOption('--to <target>', targetHelp, targetArgument)
    .option('--input <text>', 'what the target gets; an event that says which schedule fired by default')
    .option('--zone <name>', 'time zone, such as Europe/Berlin; UTC by default')
    .addOption(new Option('--window <duration>', 'fire within this of the time').argParser(durationArgument))
    .addOption(
      new Option('--start <time>', 'nothing before it, such as 2030-01-31T09:00:00Z').argParser(instantArgument),
    )
    .addOption(new Option('--end <time>', 'nothing behind it').argParser(instantArgument))
    .option('--dead-letter <queue>', 'the queue that hears of what was given up')
    .option('--delete-after', 'delete it once it has fired for the last time')
    .option('--paused', 'add it without letting it fire')
  takesJson(takesGroup(takesBroker(command)))
    .addHelpText('after', help)
    .action(add)
}

const help = `
Examples:
  $ millrace schedule add report 'cron(0 9 ? * MON-FRI *)' --zone Europe/Berlin --to function:report
  $ millrace schedule add tick 'rate(5 minutes)' --to queue:jobs --input '{"job": "clean"}'
  $ millrace schedule add launch 'at(2030-01-31T09:00:00)' --to https://example.com/hooks/launch --delete-after`

async function add(name: string, expression: string, flags: AddFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { to, input, zone, window, start, end, deadLetter, deleteAfter, paused } = flags
    const schedule = await client.schedule(name, flags.group).set(expression, {
      target: to,
      ...(input === undefined ? {} : { input }),
      ...(zone === undefined ? {} : { timeZone: zone }),
      ...(window === undefined ? {} : { windowMillis: window }),
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end }),
      ...(deadLetter === undefined ? {} : { deadLetter: { queue: deadLetter } }),
      ...(deleteAfter === undefined ? {} : { deleteAfter }),
      ...(paused === undefined ? {} : { paused }),
    })
    await printSchedule(schedule, flags.json)
  })
}

function instantArgument(text: string): number {
  const instant = Date.parse(text)
  if (Number.isNaN(instant)) throw new InvalidArgumentError('Give a time such as 2030-01-31T09:00:00Z.')
  return instant
}
