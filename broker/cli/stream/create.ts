import type { Command } from 'commander'
import { bytesArgument, integerArgument } from '../arguments.ts'
import { durationArgument } from '../duration.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printStream } from './description.ts'

interface CreateFlags extends BrokerFlags {
  readonly shards: number
  readonly retention?: number
  readonly recordSize?: number
  readonly ifMissing?: boolean
  readonly json?: boolean
}

export function addCreate(stream: Command): void {
  const command = stream
    .command('create')
    .description('create a stream')
    .argument('<name>', 'A-Z a-z 0-9 _ . - and at most 128 of them')
    .option('--shards <number>', 'how many shards share the keys; can be split and merged later', integerArgument(1), 1)
    .option('--retention <length>', 'how long records are kept (default: 24h)', durationArgument)
    .option('--record-size <size>', 'bytes of the largest record, up to 10MiB (default: 1MiB)', bytesArgument)
    .option('--if-missing', 'leave a stream of this name as it is')
  takesJson(takesBroker(command)).addHelpText('after', help).action(create)
}

const help = `
Examples:
  $ millrace stream create orders
  $ millrace stream create clicks --shards 8 --retention 7d
  $ millrace stream create images --record-size 10MiB --if-missing`

async function create(name: string, flags: CreateFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { shards, ifMissing = false, retention, recordSize } = flags
    const description = await client.stream(name).create({
      shards,
      ifMissing,
      ...(retention === undefined ? {} : { retentionMillis: retention }),
      ...(recordSize === undefined ? {} : { recordBytesMax: recordSize }),
    })
    await printStream(description, flags.json)
  })
}
