import { resolve } from 'node:path'
import type { Command } from 'commander'
import { MillraceError } from '../../wire/errors.ts'
import { printLine } from '../output.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'

interface AddFlags extends BrokerFlags {
  readonly handler?: string
  readonly runtime?: string
  readonly on?: readonly string[]
  readonly from: 'latest' | 'horizon'
  readonly batch?: string
}

export function addAdd(functions: Command): void {
  const command = functions
    .command('add')
    .description('add a function from a directory, or change one; its files may change at any time')
    .argument('<name>')
    .argument('<path>', 'directory of its code')
    .option('--handler <file.export>', 'what is called; index.handler by default')
    .option('--runtime <runtime>', "nodejsN.x, or provided: then the directory's executable `bootstrap` is run")
    .option('--on <source...>', 'what triggers it, such as stream:orders or queue:jobs')
    .option('--from <place>', 'where a stream begins: latest or horizon', 'latest')
    .option('--batch <records>', 'records of a batch at most; 100 of a stream, 10 of a queue by default')
  takesBroker(command).addHelpText('after', help).action(add)
}

const help = `
Examples:
  $ millrace function add resize ./resize --handler index.handler --on stream:uploads
  $ millrace logs resize -f`

async function add(name: string, path: string, flags: AddFlags): Promise<void> {
  await withClient(flags, async ({ endpoint }) => {
    const { handler, runtime, from } = flags
    const body = {
      path: resolve(path),
      ...(handler === undefined ? {} : { handler }),
      ...(runtime === undefined ? {} : { runtime }),
    }
    await endpoint.call({ method: 'PUT', path: `/v1/functions/${encodeURIComponent(name)}`, body })
    await printLine(`Function ${name} runs the code in ${body.path}.`)
    for (const given of flags.on ?? []) {
      const [, kind, source] = /^(stream|queue):(.+)$/.exec(given) ?? []
      if (kind === undefined || source === undefined) {
        const reason = `must be stream:NAME or queue:NAME and is ${given}`
        throw new MillraceError('invalid_field', { field: '--on', reason })
      }
      const batch = flags.batch === undefined ? {} : { batch: { recordsMax: Number(flags.batch) } }
      const binding = `${name}.${source}`
      const settings = {
        source: kind === 'queue' ? { queue: source } : { stream: source, from },
        target: { function: name },
        ...batch,
      }
      await endpoint.call({ method: 'PUT', path: `/v1/bindings/${encodeURIComponent(binding)}`, body: settings })
      await printLine(`Binding ${binding} triggers it by ${kind} ${source}.`)
    }
  })
}
