import { type Command, InvalidArgumentError } from 'commander'
import type { QueueOptions } from '../../../client/index.ts'
import { bytesArgument } from '../arguments.ts'
import { durationArgument, durationOrZeroArgument } from '../duration.ts'

/** The flags that `queue create` and `queue update` share. */
export interface SettingFlags {
  readonly visibility?: number
  readonly delay?: number
  readonly retention?: number
  readonly messageSize?: number
  readonly deadLetter?: { readonly queue: string; readonly maxReceives: number }
}

export function takesSettings(command: Command): Command {
  return command
    .option(
      '--visibility <length>',
      'how long a message that was received is invisible (default: 30s)',
      durationOrZeroArgument,
    )
    .option('--delay <length>', 'how long a new message is invisible (default: 0s)', durationOrZeroArgument)
    .option('--retention <length>', 'how long a message is kept (default: 4d)', durationArgument)
    .option('--message-size <size>', 'bytes of the largest message, up to 1MiB (default: 1MiB)', bytesArgument)
    .option('--dead-letter <queue:receives>', 'where a message goes after so many receives', deadLetterArgument)
}

function deadLetterArgument(text: string): { queue: string; maxReceives: number } {
  const [, queue = '', receives] = /^(.+):(\d{1,4})$/.exec(text) ?? []
  if (queue !== '') return { queue, maxReceives: Number(receives) }
  throw new InvalidArgumentError('Give a queue and a number of receives, such as failed:5.')
}

/** The settings that were given. */
export function settingsIn({ visibility, delay, retention, messageSize, deadLetter }: SettingFlags): QueueOptions {
  return {
    ...(visibility === undefined ? {} : { visibilityMillis: visibility }),
    ...(delay === undefined ? {} : { delayMillis: delay }),
    ...(retention === undefined ? {} : { retentionMillis: retention }),
    ...(messageSize === undefined ? {} : { messageBytesMax: messageSize }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
  }
}
