import type { Command } from 'commander'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { targetText } from '../target.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface RulesFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addRules(bus: Command): void {
  const command = bus
    .command('rules')
    .description('list the rules of a bus, and how they fare')
    .argument('[bus]', 'its name', 'default')
  takesJson(takesBroker(command)).addHelpText('after', help).action(rules)
}

const help = `
Examples:
  $ millrace bus rules
  $ millrace bus rules shop --json | jq '.[] | {rule, lastError}'`

async function rules(bus: string, flags: RulesFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const all = await client.bus(bus).rules()
    if (flags.json) return printJson(all)
    if (all.length === 0)
      return printLine(`Bus ${bus} has no rules. Make one: millrace bus rule NAME --pattern JSON --to queue:NAME`)
    const columns = [
      { name: 'rule' },
      { name: 'for' },
      { name: 'to' },
      { name: 'matched', align: 'right' },
      { name: 'failed', align: 'right' },
      { name: 'last error' },
    ] as const
    const rows = all.map((rule) => [
      `${rule.rule}${rule.enabled ? '' : ' (disabled)'}`,
      rule.schedule ?? JSON.stringify(rule.pattern),
      rule.targets.map(({ target }) => targetText(target)).join(' ') || '-',
      count(rule.matched),
      count(rule.failed),
      rule.lastError ?? '-',
    ])
    await printLine(table(columns, rows))
  })
}
