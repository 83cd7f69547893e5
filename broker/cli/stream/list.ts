import type { Command } from 'commander'
import { bytesText } from '../byte-size.ts'
import { durationText } from '../duration.ts'
import { count, printJson, printLine, timeText } from '../output.ts'
import { table } from '../table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from '../with-client.ts'

interface ListFlags extends BrokerFlags {
  readonly json?: boolean
}

export function addList(stream: Command): void {
  const command = stream.command('list').alias('ls').description('list all streams')
  takesJson(takesBroker(command)).addHelpText('after', help).action(list)
}

const help = `
Examples:
  $ millrace stream list
  $ millrace stream list --json | jq -r '.[].name'`

async function list(flags: ListFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const streams = await client.streams()
    if (flags.json) await printJson(streams)
    else if (streams.length === 0) await printLine('There are no streams. Create one: millrace stream create orders')
    else {
      const columns = [
        { name: 'stream' },
        { name: 'open shards', align: 'right' },
        { name: 'kept', align: 'right' },
        { name: 'largest record', align: 'right' },
        { name: 'created' },
      ] as const
      const rows = streams.map(({ name, openShards, retentionMillis, recordBytesMax, createdAt }) => [
        name,
        count(openShards),
        durationText(retentionMillis),
        bytesText(recordBytesMax),
        timeText(createdAt),
      ])
      await printLine(table(columns, rows))
    }
  })
}
