import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BindingOptions, BindingTargetOptions } from '../../../client/index.ts'
import { MillraceError } from '../../wire/errors.ts'
import { integerArgument } from '../arguments.ts'
import { durationArgument } from '../duration.ts'
import { type Target, targetArgument, targetHelp } from '../target.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printBinding } from './description.ts'
import { type Source, sourceArgument } from './source.ts'

interface AddFlags extends BrokerFlags {
  readonly on: Source
  readonly to: BindingTargetOptions
  readonly from?: 'latest' | 'horizon'
  readonly filter?: readonly object[]
  readonly batch?: number
  readonly window?: number
  readonly parallel?: number
  readonly partial?: boolean
  readonly retries?: number
  readonly maxAge?: number
  readonly bisect?: boolean
  readonly deadLetter?: Target
  readonly paused?: boolean
  readonly json?: boolean
}

export function addAdd(binding: Command): void {
  const command = binding
    .command('add')
    .description('add a binding, or say all of one anew; it then goes on from where it is')
    .argument('<name>')
    .requiredOption('--on <source>', 'what triggers it: stream:NAME or queue:NAME', sourceArgument)
    .requiredOption('--to <target>', `${targetHelp}, or sockets:API[:STAGE]`, bindingTargetArgument)
    .addOption(new Option('--from <place>', 'where a stream begins; latest by default').choices(['latest', 'horizon']))
    .option('--filter <pattern...>', 'only what matches such an event pattern, as JSON', filterArgument)
    .option(
      '--batch <records>',
      'at most so many at once; 100 of a stream, 10 of a queue by default',
      integerArgument(1),
    )
    .addOption(new Option('--window <duration>', 'wait so long for a batch to fill').argParser(durationArgument))
    .option('--parallel <batches>', 'so many batches of a shard, or of a queue, at once', integerArgument(1))
    .option('--partial', 'answers say which records failed')
    .option('--retries <times>', 'streams: give a batch up after so many; never by default', integerArgument(0))
    .addOption(new Option('--max-age <duration>', 'streams: give up what is older').argParser(durationArgument))
    .option('--bisect', 'streams: halve a batch that failed')
    .addOption(
      new Option('--dead-letter <target>', 'streams: who hears of what was given up').argParser(targetArgument),
    )
    .option('--paused', 'add it without letting it run')
  takesJson(takesBroker(command)).addHelpText('after', help).action(add)
}

const help = `
Examples:
  $ millrace binding add resize --on stream:uploads --to function:resize
  $ millrace binding add big --on stream:orders --to queue:jobs --from horizon --filter '{"data": {"total": [{"numeric": [">", 100]}]}}'
  $ millrace binding add hook --on queue:jobs --to https://example.com/hook --batch 1`

async function add(name: string, flags: AddFlags): Promise<void> {
  if (flags.from !== undefined && 'queue' in flags.on) {
    throw new MillraceError('invalid_field', { field: '--from', reason: 'is for streams' })
  }
  await withClient(flags, async (client) => {
    await printBinding(await client.binding(name).set(optionsOf(flags)), flags.json)
  })
}

function optionsOf(flags: AddFlags): BindingOptions {
  const { on, to, from, filter, deadLetter, paused } = flags
  const batch = said({
    recordsMax: flags.batch,
    windowMillis: flags.window,
    parallel: flags.parallel,
    partial: flags.partial,
  })
  const retry = said({ retriesMax: flags.retries, ageMillisMax: flags.maxAge, bisect: flags.bisect })
  return {
    source: { ...on, ...said({ from }) },
    target: to,
    ...said({
      filter,
      deadLetter,
      paused,
      batch: Object.keys(batch).length === 0 ? undefined : batch,
      retry: Object.keys(retry).length === 0 ? undefined : retry,
    }),
  }
}

/** Members that were said. */
function said<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}

function bindingTargetArgument(text: string): BindingTargetOptions {
  const [, sockets, stage] = /^sockets:([^:]+)(?::([^:]+))?$/.exec(text) ?? []
  if (sockets === undefined) return targetArgument(text)
  return { sockets, ...said({ stage }) }
}

function filterArgument(text: string, before: readonly object[] = []): readonly object[] {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return [...before, value]
  } catch {
    // The message below says what was wanted.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as {"data": {"kind": ["order"]}}.')
}
