import type { Command } from 'commander'
import { MillraceError } from '../../wire/errors.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'
import { printQueue } from './description.ts'
import { type SettingFlags, settingsIn, takesSettings } from './settings.ts'

interface UpdateFlags extends BrokerFlags, SettingFlags {
  readonly json?: boolean
}

export function addUpdate(queue: Command): void {
  const command = takesSettings(
    queue.command('update').description("change a queue's settings; those left out stay").argument('<name>'),
  )
  takesJson(takesBroker(command)).addHelpText('after', help).action(update)
}

const help = `
Examples:
  $ millrace queue update jobs --visibility 10m --retention 14d`

async function update(name: string, flags: UpdateFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const settings = settingsIn(flags)
    if (Object.keys(settings).length === 0) {
      throw new MillraceError('invalid_field', {
        field: 'The settings',
        reason: 'are missing: there is nothing to change',
      })
    }
    await printQueue(await client.queue(name).update(settings), flags.json)
  })
}
