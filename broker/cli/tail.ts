import { type Command, Option } from 'commander'
import type { Client } from '../../client/index.ts'
import { MillraceError } from '../wire/errors.ts'
import { integerArgument, shardsArgument } from './arguments.ts'
import { Checkpointer } from './checkpointer.ts'
import { type FromFlag, fromArgument, fromHelp } from './from.ts'
import { interruptSignal } from './interrupt.ts'
import { print } from './output.ts'
import { readerGone } from './reader-watch.ts'
import { jsonRecord, prettyRecord, type RecordFormat, rawData } from './record-text.ts'
import { type TailBatch, tailSource } from './tail-source.ts'
import { type BrokerFlags, takesBroker, withClient } from './with-client.ts'

interface TailFlags extends BrokerFlags {
  readonly from?: FromFlag
  readonly shard?: readonly number[]
  readonly consumer?: string
  readonly limit?: number
  readonly follow: boolean
  readonly json?: boolean
  readonly raw?: boolean
}

export function addTail(program: Command): void {
  const from = new Option('--from <place>', `where to begin: ${fromHelp}`).argParser(fromArgument)
  const json = new Option('--json', 'a JSON object a line: shard, sequence, time, key, headers, and json, text or data')
  const command = program
    .command('tail')
    .description('read a stream, and go on as it grows')
    .argument('<stream>')
    .addOption(from)
    .option('--shard <numbers>', 'only these shards, such as 0,2', shardsArgument)
    .option('--consumer <name>', "go on from this consumer's checkpoints, and write them")
    .option('--limit <number>', 'end after so many records', integerArgument(1))
    .option('--no-follow', 'end where the stream ends now')
    .addOption(json.conflicts('raw'))
    .option('--raw', "each record's data alone, a line each")
  takesBroker(command).addHelpText('after', help).action(tail)
}

const help = `
It begins at latest: with what is put from now on. With --no-follow it begins at horizon, the oldest record kept. A shard
for which the consumer has a checkpoint begins there instead. A checkpoint is written once its records are printed.

Examples:
  $ millrace tail orders
  $ millrace tail orders --from horizon --limit 10
  $ millrace tail orders --from -10m --json | jq .json.total
  $ millrace tail orders --consumer billing --from horizon
  $ millrace tail orders --no-follow --raw > orders.ndjson`

async function tail(stream: string, flags: TailFlags): Promise<void> {
  requireOneShard(flags)
  const interrupted = interruptSignal()
  const signal = flags.follow ? AbortSignal.any([interrupted, await readerGone()]) : interrupted
  await withClient(flags, (client) => tailStream(client, stream, flags, signal))
}

function requireOneShard({ from, shard }: TailFlags): void {
  if (typeof from !== 'object' || !('sequence' in from) || shard?.length === 1) return
  const reason = 'must name the one shard that the sequence in --from is of'
  throw new MillraceError('invalid_field', { field: '--shard', reason })
}

async function tailStream(client: Client, name: string, flags: TailFlags, signal: AbortSignal): Promise<void> {
  const { follow, consumer, shard, limit = Number.POSITIVE_INFINITY } = flags
  const stream = client.stream(name)
  const from = flags.from ?? (follow ? 'latest' : 'horizon')
  if (follow && from === 'latest' && process.stdout.isTTY) {
    console.error('millrace: waiting for new records; --from horizon shows those that are there (Ctrl-C ends)')
  }
  const checkpointer = consumer === undefined ? undefined : new Checkpointer(stream, consumer)
  const format = flags.json ? jsonRecord : flags.raw ? rawData : prettyRecord
  let left = limit
  for await (const batch of tailSource(client, stream, { from, shards: shard, consumer, follow, limit, signal })) {
    const printed = await printBatch(batch, format, left)
    left -= printed.records
    checkpointer?.done(batch.shard, printed.next)
    if (left === 0 || signal.aborted) break
  }
  await checkpointer?.flush()
}

/** What is written at once: enough to be fast, and little enough to stop soon when the reader has seen enough. */
const printedBytes = 32 * 1024

/** Prints a batch, at most `limit` records of it, and says how many that were and where it goes on. */
async function printBatch(
  { next, records }: TailBatch,
  format: RecordFormat,
  limit: number,
): Promise<{ records: number; next: number }> {
  let pieces: Buffer[] = []
  let bytes = 0
  let printed = 0
  for (const record of records) {
    const piece = Buffer.from(format(record))
    pieces.push(piece)
    bytes += piece.length
    printed++
    if (printed === limit) next = record.sequence + 1
    else if (bytes < printedBytes) continue
    await print(Buffer.concat(pieces))
    pieces = []
    bytes = 0
    if (printed === limit) break
  }
  if (bytes > 0) await print(Buffer.concat(pieces))
  return { records: printed, next }
}
