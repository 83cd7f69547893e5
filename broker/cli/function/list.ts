import type { Command } from 'commander'
import { printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

interface Listed {
  readonly name: string
  readonly runtime: string
  readonly handler: string
  readonly timeoutMillis: number
  readonly code: { readonly path?: string; readonly bytes?: number }
}

export function addList(functions: Command): void {
  takesJson(takesBroker(functions.command('list').alias('ls').description('list all functions')))
    .addHelpText('after', help)
    .action(list)
}

const help = `
Examples:
  $ millrace function list
  $ millrace function list --json | jq -r '.[].name'`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    const answer = (await endpoint.call({ method: 'GET', path: '/v1/functions' })) as { functions: readonly Listed[] }
    const { functions } = answer
    if (flags.json) await printJson(functions)
    else if (functions.length === 0) await printLine('There are no functions. Add one: millrace function add NAME PATH')
    else {
      const columns = ['function', 'runtime', 'handler', 'code'].map((name) => ({ name }))
      const rows = functions.map(({ name, runtime, handler, code }) => [name, runtime, handler, codeText(code)])
      await printLine(table(columns, rows))
    }
  })
}

function codeText({ path, bytes }: Listed['code']): string {
  if (path !== undefined) return path
  return bytes === undefined ? 'in the embedding program' : 'an archive'
}
