import { resolve } from 'node:path'
import type { Command } from 'commander'
import { integerArgument } from '../arguments.ts'
import { type Source, sourcesArgument } from '../binding/source.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface AddFlags extends BrokerFlags {
  readonly handler?: string
  readonly runtime?: string
  readonly on?: readonly Source[]
  readonly from: 'latest' | 'horizon'
  readonly batch?: number
}

export function addAdd(functions: Command): void {
  const command = functions
    .command('add')
    .description('add a function from a directory, or change one; its files may change at any time')
    .argument('<name>')
    .argument('<path>', 'directory of its code')
    .option('--handler <file.export>', 'what is called; index.handler by default')
    .option('--runtime <runtime>', "nodejsN.x, or provided: then the directory's executable `bootstrap` is run")
    .option('--on <source...>', 'what triggers it, such as stream:orders or queue:jobs', sourcesArgument)
    .option('--from <place>', 'where a stream begins: latest or horizon', 'latest')
    .option(
      '--batch <records>',
      'records of a batch at most; 100 of a stream, 10 of a queue by default',
      integerArgument(1),
    )
  takesBroker(command).addHelpText('after', help).action(add)
}

const help = `
Examples:
  $ millrace function add resize ./resize --handler index.handler --on stream:uploads
  $ millrace logs resize -f`

async function add(name: string, path: string, flags: AddFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { handler, runtime, from } = flags
    const body = {
      path: resolve(path),
      ...(handler === undefined ? {} : { handler }),
      ...(runtime === undefined ? {} : { runtime }),
    }
    await client.endpoint.call({ method: 'PUT', path: `/v1/functions/${encodeURIComponent(name)}`, body })
    await printLine(`Function ${name} runs the code in ${body.path}.`)
    for (const on of flags.on ?? []) {
      const [kind = '', source = ''] = Object.entries(on)[0] ?? []
      const binding = client.binding(`${name}.${source}`)
      const batch = flags.batch === undefined ? {} : { batch: { recordsMax: flags.batch } }
      await binding.set({ source: kind === 'queue' ? on : { ...on, from }, target: { function: name }, ...batch })
      await printLine(`Binding ${binding.name} triggers it by ${kind} ${source}.`)
    }
  })
}
