import { type Command, Option } from 'commander'
import type { BusHandle, Client, From, ReceivedEvent } from '../../../client/index.ts'
import { Pattern } from '../../wire/pattern.ts'
import { integerArgument } from '../arguments.ts'
import { type FromFlag, fromArgument, fromHelp, type Start, startOf } from '../from.ts'
import { interruptSignal } from '../interrupt.ts'
import { print } from '../output.ts'
import { readerGone } from '../reader-watch.ts'
import { type BrokerFlags, takesBroker, withClient } from '../with-client.ts'
import { objectArgument } from './json.ts'

interface TailFlags extends BrokerFlags {
  readonly from?: FromFlag
  readonly pattern?: object
  readonly limit?: number
  readonly follow: boolean
}

export function addTail(bus: Command): void {
  const from = new Option('--from <place>', `where to begin: ${fromHelp}`).argParser(fromArgument)
  const command = bus
    .command('tail')
    .description('read the events of a bus, a line of JSON each, and go on as they come')
    .argument('[bus]', 'its name', 'default')
    .addOption(from)
    .option('--pattern <json>', 'only events that match this event pattern', objectArgument)
    .option('--limit <number>', 'end after so many events', integerArgument(1))
    .option('--no-follow', 'end where the events end now')
  takesBroker(command).addHelpText('after', help).action(tail)
}

const help = `
It begins at latest: with what is put from now on. With --no-follow it begins at horizon, the oldest event kept. Events that are replayed are
not among them.

Examples:
  $ millrace bus tail
  $ millrace bus tail shop --from -10m --pattern '{"detail": {"total": [{"numeric": [">", 100]}]}}'
  $ millrace bus tail shop --no-follow | jq .detail`

async function tail(bus: string, flags: TailFlags): Promise<void> {
  const interrupted = interruptSignal()
  const signal = flags.follow ? AbortSignal.any([interrupted, await readerGone()]) : interrupted
  await withClient(flags, (client) => tailBus(client, bus, flags, signal))
}

async function tailBus(client: Client, name: string, flags: TailFlags, signal: AbortSignal): Promise<void> {
  const { follow, pattern, limit = Number.POSITIVE_INFINITY } = flags
  const bus = client.bus(name)
  const wanted = pattern === undefined ? undefined : Pattern.compile(pattern)
  const start = await startOf(client, flags.from ?? (follow ? 'latest' : 'horizon'))
  const source = follow ? bus.subscribe({ from: fromOf(start), signal }) : upToNow(bus, start, signal)
  let left = limit
  for await (const { event, text } of source) {
    if (wanted?.matches(event) === false) continue
    await print(`${text}\n`)
    if (--left === 0) return
  }
}

function fromOf(start: Start): From {
  return typeof start === 'number' ? { sequences: { 0: start } } : start
}

/** All events up to the one that is the last now, whatever is put meanwhile. */
async function* upToNow(bus: BusHandle, start: Start, signal: AbortSignal): AsyncGenerator<ReceivedEvent> {
  const end = (await bus.describe()).shards[0]?.next ?? 0
  let from = start
  while (!signal.aborted) {
    const page = await bus.read({ from, limit: pageEventsMax })
    for (const event of page.events) if (event.sequence < end) yield event
    if (page.next >= end || page.events.length === 0) return
    from = page.next
  }
}

const pageEventsMax = 1_000
