import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Producer } from '../../client/index.ts'
import { interruptSignal } from './interrupt.ts'
import type { LineSink } from './line-run.ts'
import { pointerArgument } from './pointer.ts'
import { putLines } from './put-lines.ts'
import { keyFrom } from './record-key.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from './with-client.ts'

interface PutFlags extends BrokerFlags {
  readonly key?: string
  readonly keyText?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: boolean
}

export function addPut(program: Command): void {
  const key = new Option('-k, --key <pointer>', 'partition key: what this JSON pointer finds in each line')
  const command = program
    .command('put')
    .description('put lines on a stream, a record each: JSON or anything else')
    .argument('<stream>')
    .argument('[file...]', 'files of lines; stdin when none is given')
    .addOption(key.argParser(pointerArgument).conflicts('keyText'))
    .option('--key-text <text>', 'partition key: this text for all')
    .option('--header, --headers <name=value>', 'a header of every record; can be repeated', headerArgument)
  takesJson(takesBroker(command), 'print the counts as JSON').addHelpText('after', help).action(put)
}

const help = `
Records with the same partition key stay in order. Without --key and --key-text each gets one of its own, which spreads
them over all shards. A line ends with \\n or \\r\\n; blank lines are left out. A line that cannot be stored is named,
the others are stored all the same, and the exit code is 1. What is counted at the end is on the broker's disk.

Examples:
  $ echo '{"user": {"id": "u1"}, "total": 42}' | millrace put orders --key /user/id
  $ millrace put orders january.ndjson february.ndjson --key /user/id
  $ tail -f access.log | millrace put access --key-text "$HOSTNAME" --header source=nginx
  $ jq -c '.[]' array.json | millrace put orders`

function headerArgument(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
  throw new InvalidArgumentError('Give a name and a value, such as source=nginx.')
}

/** How long the broker may be away before a put gives up: long enough for a restart. */
const retryMillisMax = 15_000
/** Enough to keep the broker busy; what waits for its answer costs a promise a line. */
const inFlightBytesMax = 4 * 1024 * 1024

async function put(name: string, files: readonly string[], flags: PutFlags): Promise<void> {
  const signal = interruptSignal()
  await withClient(flags, async (client) => {
    const stream = client.stream(name)
    const { recordBytesMax } = await stream.describe()
    const sink = () => streamSink(stream.producer({ retryMillisMax, inFlightBytesMax }), flags)
    const { json = false } = flags
    await putLines({
      files,
      sink,
      lineBytesMax: recordBytesMax,
      signal,
      json,
      noun: 'record',
      target: { stream: name },
    })
  })
}

function streamSink(producer: Producer, flags: PutFlags): LineSink {
  const keyOf = keyFrom(flags)
  const headers = flags.headers === undefined ? {} : { headers: flags.headers }
  return {
    put: (line) => producer.put({ key: keyOf(line), data: line, ...headers }),
    ready: () => producer.ready(),
    close: () => producer.close(),
  }
}
