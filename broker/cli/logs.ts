import type { Command } from 'commander'
import type { FunctionLogLine } from '../wire/function-host.ts'
import { interruptSignal } from './interrupt.ts'
import { printLine } from './output.ts'
import { type BrokerFlags, takesBroker, withClient } from './with-client.ts'

const waitMillis = 15_000

interface LogsFlags extends BrokerFlags {
  readonly follow?: boolean
}

export function addLogs(program: Command): void {
  const command = program
    .command('logs')
    .description('print what a function wrote')
    .argument('<function>')
    .option('-f, --follow', 'go on as it writes more')
  takesBroker(command).addHelpText('after', help).action(logs)
}

const help = `
Examples:
  $ millrace logs resize
  $ millrace logs resize -f`

async function logs(name: string, flags: LogsFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    const signal = interruptSignal()
    const path = `/v1/functions/${encodeURIComponent(name)}/logs`
    let from = 0
    do {
      const query = { from: `${from}`, ...(flags.follow ? { waitMillis: `${waitMillis}` } : {}) }
      const page = (await endpoint.call({ method: 'GET', path, query, signal })) as {
        lines: readonly FunctionLogLine[]
        next: number
      }
      for (const { text } of page.lines) await printLine(text)
      from = page.next
    } while (flags.follow && !signal.aborted)
  })
}
