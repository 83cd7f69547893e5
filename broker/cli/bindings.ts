import type { Command } from 'commander'
import type { BindingDescription, BindingSource, BindingTarget } from '../wire/binding.ts'
import { count, printJson, printLine } from './output.ts'
import { table } from './table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from './with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addBindings(program: Command): void {
  const command = program.command('bindings').description('list what triggers what, its lag, and how it fares')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace bindings
  $ millrace bindings --json | jq '.[] | {name, lag}'`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    const answer = (await endpoint.call({ method: 'GET', path: '/v1/bindings' })) as { bindings: BindingDescription[] }
    if (flags.json) return printJson(answer.bindings)
    if (answer.bindings.length === 0) return printLine('There are no bindings.')
    const columns = [
      { name: 'binding' },
      { name: 'source' },
      { name: 'target' },
      { name: 'lag', align: 'right' },
      { name: 'state' },
      { name: 'last result' },
    ] as const
    const rows = answer.bindings.map(({ name, source, target, lag, paused, status }) => [
      name,
      sourceText(source),
      targetText(target),
      count(lag),
      paused ? 'paused' : 'running',
      status === undefined
        ? '-'
        : `${status.lastResult}${status.lastError === undefined ? '' : ` (${status.lastError})`}`,
    ])
    await printLine(table(columns, rows))
  })
}

function sourceText(source: BindingSource): string {
  if (source.kind === 'queue') return `queue:${source.queue}`
  return source.kind === 'stream' ? `stream:${source.stream}` : `${source.kind}:${source.name}`
}

function targetText(target: BindingTarget): string {
  switch (target.kind) {
    case 'function':
      return `function:${target.function}`
    case 'stream':
      return `stream:${target.stream}`
    case 'queue':
      return `queue:${target.queue}`
    case 'topic':
      return `topic:${target.topic}`
    case 'http':
      return target.url
  }
}
