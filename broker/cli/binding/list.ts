import type { Command } from 'commander'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { targetText } from '../target.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { resultText, stateText } from './description.ts'
import { sourceText } from './source.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addList(binding: Command): void {
  const command = binding
    .command('list', { isDefault: true })
    .alias('ls')
    .description('list bindings, their lag, and how they fare')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
"millrace bindings" by itself does the same.

Examples:
  $ millrace binding list
  $ millrace binding list --json | jq '.[] | {name, lag}'`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const bindings = await client.bindings()
    if (flags.json) return printJson(bindings)
    if (bindings.length === 0) {
      return printLine('There are no bindings. Add one: millrace binding add NAME --on stream:NAME --to function:NAME')
    }
    const columns = [
      { name: 'binding' },
      { name: 'source' },
      { name: 'target' },
      { name: 'lag', align: 'right' },
      { name: 'state' },
      { name: 'last result' },
    ] as const
    const rows = bindings.map((each) => {
      const { name, source, target, lag } = each
      return [name, sourceText(source), targetText(target), count(lag), stateText(each), resultText(each)]
    })
    await printLine(table(columns, rows))
  })
}
