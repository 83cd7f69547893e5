import type { Command } from 'commander'
import { MillraceError } from '../../wire/errors.ts'
import { bytesArgument } from '../arguments.ts'
import { durationArgument } from '../duration.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printStream } from './description.ts'

interface UpdateFlags extends BrokerFlags {
  readonly retention?: number
  readonly recordSize?: number
  readonly json?: boolean
}

export function addUpdate(stream: Command): void {
  const command = stream
    .command('update')
    .description('change how long records are kept, or how large they may be')
    .argument('<name>')
    .option('--retention <length>', 'how long records are kept', durationArgument)
    .option('--record-size <size>', 'bytes of the largest record, up to 10MiB', bytesArgument)
  takesJson(takesBroker(command)).addHelpText('after', help).action(update)
}

const help = `
Examples:
  $ millrace stream update orders --retention 30d
  $ millrace stream update images --record-size 10MiB`

async function update(name: string, flags: UpdateFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { retention, recordSize } = flags
    if (retention === undefined && recordSize === undefined) {
      const reason = 'must be given, one or both: there is nothing to change'
      throw new MillraceError('invalid_field', { field: '--retention or --record-size', reason })
    }
    const description = await client.stream(name).update({
      ...(retention === undefined ? {} : { retentionMillis: retention }),
      ...(recordSize === undefined ? {} : { recordBytesMax: recordSize }),
    })
    await printStream(description, flags.json)
  })
}
