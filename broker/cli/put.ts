import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Client } from '../../client/index.ts'
import { RealClock } from '../clock.ts'
import { bytesText } from './byte-size.ts'
import { exitCodes } from './exit-codes.ts'
import { interruptSignal } from './interrupt.ts'
import { count, counted, printJson, printLine } from './output.ts'
import { putInputs } from './put-input.ts'
import { PutProgress } from './put-progress.ts'
import { PutRun } from './put-run.ts'
import { keyFrom, pointerArgument } from './record-key.ts'
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

async function put(stream: string, files: readonly string[], flags: PutFlags): Promise<void> {
  const signal = interruptSignal()
  await withClient(flags, (client) => putAll(client, stream, files, flags, signal))
}

/** How long the broker may be away before a put gives up: long enough for a restart. */
const retryMillisMax = 15_000
/** Enough to keep the broker busy; what waits for its answer costs a promise a line. */
const inFlightBytesMax = 4 * 1024 * 1024

async function putAll(
  client: Client,
  name: string,
  files: readonly string[],
  flags: PutFlags,
  signal: AbortSignal,
): Promise<void> {
  const stream = client.stream(name)
  const { recordBytesMax } = await stream.describe()
  const inputs = await putInputs(files)
  if (files.length === 0 && process.stdin.isTTY)
    console.error('millrace: putting what you type, line by line; Ctrl-D ends')
  const sizes = inputs.map(({ bytes }) => bytes)
  const progress = await PutProgress.start(sizes.includes(undefined) ? undefined : sum(sizes as number[]))
  const producer = stream.producer({ retryMillisMax, inFlightBytesMax })
  const run = new PutRun({ producer, keyOf: keyFrom(flags), headers: flags.headers, recordBytesMax, progress, signal })
  const clock = new RealClock()
  const started = clock.now()
  try {
    for (const input of inputs) if (!run.over) await run.put(input)
  } finally {
    await producer.close()
    progress.stop()
  }
  await printResult(name, run, clock.now() - started, flags.json)
  if (run.error !== undefined) throw run.error
  if (run.failed > 0 && !signal.aborted) process.exitCode = exitCodes.failed
}

async function printResult(stream: string, run: PutRun, millis: number, json = false): Promise<void> {
  const { records, failed, blank, bytes } = run
  if (json) {
    await printJson({ stream, records, failed, blank, bytes, millis })
    return
  }
  const rate = count(Math.round((records * 1000) / Math.max(1, millis)))
  const seconds = (millis / 1000).toFixed(2)
  await printLine(
    `Put ${counted(records, 'record')} (${bytesText(bytes)}) on ${stream} in ${seconds} s: ${rate} records/s.`,
  )
  if (blank > 0) await printLine(`Left out ${counted(blank, 'blank line')}.`)
  if (failed > 0) console.error(`millrace: ${counted(failed, 'line was', 'lines were')} not stored`)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
