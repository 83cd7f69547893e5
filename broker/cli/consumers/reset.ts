import { type Command, Option } from 'commander'
import { MillraceError } from '../../wire/errors.ts'
import { shardsArgument } from '../arguments.ts'
import { type FromFlag, fromArgument, fromHelp, sequenceAt, startOf } from '../from.ts'
import { count, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { requireIdle } from './idle.ts'
import { consumerColumns } from './list.ts'

interface ResetFlags extends BrokerFlags {
  readonly to: FromFlag
  readonly shard?: readonly number[]
  readonly force?: boolean
  readonly json?: boolean
}

export function addReset(consumers: Command): void {
  const to = new Option('--to <place>', fromHelp).argParser(fromArgument).makeOptionMandatory()
  const command = consumers
    .command('reset')
    .description("set a consumer's checkpoints, forwards or back; a consumer that is new begins there")
    .argument('<stream>')
    .argument('<consumer>')
    .addOption(to)
    .option('--shard <numbers>', 'only these shards, such as 0,2 (default: all)', shardsArgument)
    .option('--force', 'even while members of a group of this name are at work')
  takesJson(takesBroker(command)).addHelpText('after', help).action(reset)
}

const help = `
Examples:
  $ millrace consumers reset orders billing --to horizon                 all over again
  $ millrace consumers reset orders billing --to -2h                     the last two hours again
  $ millrace consumers reset orders billing --to 1200 --shard 0`

async function reset(name: string, consumer: string, flags: ResetFlags): Promise<void> {
  await withClient(flags, async (client) => {
    if (flags.force !== true) await requireIdle(client, name, consumer)
    const stream = client.stream(name)
    const known = (await stream.describe()).shards.map(({ shard }) => shard)
    const shards = flags.shard ?? known
    requireOneShard(flags.to, shards)
    const start = await startOf(client, flags.to)
    const sequences = await Promise.all(shards.map((shard) => sequenceAt(stream, shard, start)))
    await stream.checkpoint(consumer, Object.fromEntries(shards.map((shard, i) => [shard, sequences[i] as number])))
    const moved = await stream.consumer(consumer)
    if (flags.json) await printJson(moved)
    else {
      const rows = moved.shards.map(({ shard, next, lag }) => [consumer, `${shard}`, count(next), count(lag)])
      await printLine(table(consumerColumns, rows))
    }
  })
}

/** A sequence counts within its shard: on several at once it would be a mistake. */
function requireOneShard(to: FromFlag, shards: readonly number[]): void {
  if (typeof to === 'string' || !('sequence' in to) || shards.length === 1) return
  const reason = 'must name the one shard that the sequence is of'
  throw new MillraceError('invalid_field', { field: '--shard', reason })
}
