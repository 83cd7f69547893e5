import type { Command } from 'commander'
import { MillraceError } from '../../wire/errors.ts'
import { printJson, printLine } from '../output.ts'
import { type Target, targetHelp, targetsArgument, targetText } from '../target.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { objectArgument } from './json.ts'

interface RuleFlags extends BrokerFlags {
  readonly bus: string
  readonly pattern?: object
  readonly schedule?: string
  readonly to?: readonly Target[]
  readonly deadLetter?: string
  readonly disable?: boolean
  readonly remove?: boolean
  readonly json?: boolean
}

export function addRule(bus: Command): void {
  const command = bus
    .command('rule')
    .description('make a rule, or say all of one anew, or remove it')
    .argument('<name>')
    .option('--bus <name>', 'of which bus', 'default')
    .option('--pattern <json>', 'the events it is for', objectArgument)
    .option('--schedule <expression>', 'when it fires, such as "rate(5 minutes)"; bus default only')
    .option('--to <target...>', targetHelp, targetsArgument)
    .option('--dead-letter <queue>', 'the queue that gets what could not be delivered')
    .option('--disable', 'let it match nothing for now')
    .option('--remove', 'remove it, and what is on its way to its targets')
  takesJson(takesBroker(command)).addHelpText('after', help).action(rule)
}

const help = `
Examples:
  $ millrace bus rule big --pattern '{"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}}' --to queue:jobs
  $ millrace bus rule all --bus shop --pattern '{"source": [{"prefix": ""}]}' --to stream:audit function:report
  $ millrace bus rule big --remove`

async function rule(name: string, flags: RuleFlags): Promise<void> {
  const { pattern, schedule, to, deadLetter } = flags
  await withClient(flags, async (client) => {
    const bus = client.bus(flags.bus)
    if (flags.remove) {
      await bus.deleteRule(name)
      return printLine(`Removed ${name}.`)
    }
    if (pattern === undefined && schedule === undefined) {
      throw new MillraceError('invalid_field', { field: '--pattern', reason: 'or --schedule must be given' })
    }
    const letters = deadLetter === undefined ? {} : { deadLetter }
    const made = await bus.putRule(name, {
      ...(pattern === undefined ? {} : { pattern }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(to === undefined ? {} : { targets: to.map((target) => ({ target, ...letters })) }),
      enabled: flags.disable !== true,
    })
    if (flags.json) return printJson(made)
    const targets = made.targets.map(({ target }) => targetText(target)).join(', ')
    await printLine(`${made.rule}: ${targets === '' ? 'no targets yet' : `to ${targets}`}`)
  })
}
