import type { Command } from 'commander'
import type { BrokerInfo, Inspection } from '../../client/index.ts'
import { MillraceError } from '../wire/errors.ts'
import { bytesText } from './byte-size.ts'
import { consumerColumns } from './consumers/list.ts'
import { durationText } from './duration.ts'
import { count, counted, printJson, printLine, styled, timeText } from './output.ts'
import { messageColumns } from './queue/list.ts'
import { table } from './table.ts'
import { type BrokerFlags, takesBroker, takesJson, withClient } from './with-client.ts'

interface InspectFlags extends BrokerFlags {
  readonly json?: boolean
}

type StreamInspection = Inspection['streams'][number]

export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('what lies where: segments, shards, consumers and their lag, queues')
    .argument('[stream]', 'only this stream')
  takesJson(takesBroker(command)).addHelpText('after', help).action(inspect)
}

const help = `
Lag is the number of records that a consumer has not checkpointed yet.

Examples:
  $ millrace inspect
  $ millrace inspect orders
  $ millrace inspect --json | jq .log`

async function inspect(only: string | undefined, flags: InspectFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const [info, inspection] = await Promise.all([client.info(), client.inspect()])
    const streams = inspection.streams.filter(({ name }) => only === undefined || name === only)
    if (only !== undefined && streams.length === 0) throw new MillraceError('stream_not_found', { stream: only })
    if (flags.json) {
      await printJson({ broker: info, ...inspection, streams })
      return
    }
    const parts = [
      summary(flags.url, info, inspection),
      ...(only === undefined ? [segmentTable(inspection)] : []),
      ...(streams.length === 0 ? [] : [streamTable(streams), shardTable(streams)]),
      ...(streams.some(({ consumers }) => consumers.length > 0) ? [consumerTable(streams)] : []),
      ...(streams.some(({ groups }) => groups.length > 0) ? [memberTable(streams)] : []),
      ...(only === undefined && inspection.queues.length > 0 ? [queueTable(inspection)] : []),
    ]
    await printLine(parts.join('\n\n'))
  })
}

function summary(url: string, info: BrokerInfo, { log, memory, longStreams, sockets }: Inspection): string {
  const connected = sockets.apis.reduce((sum, each) => sum + each.sockets, sockets.native)
  const { version, clock, limits, now } = info
  return [
    `${styled('bold', `Millrace ${version}`)} at ${url}   clock ${clock}, now ${timeText(now)}   limits ${limits}`,
    `log: ${bytesText(log.bytes)} in ${counted(log.segments.length, 'segment')}, ` +
      `${counted(log.commits, 'commit')} since the start, ${bytesText(log.inFlightBytes)} in flight; ` +
      `${counted(longStreams, 'long stream')} open, ${counted(connected, 'WebSocket')}`,
    `memory: ${bytesText(memory.residentBytes)} resident, ${bytesText(memory.heapBytes + memory.bufferBytes)} of it heap and buffers`,
  ].join('\n')
}

function segmentTable({ log }: Inspection): string {
  const columns = [
    { name: 'segment', align: 'right' },
    { name: 'commits', align: 'right' },
    { name: 'size', align: 'right' },
    { name: 'state' },
  ] as const
  const rows = log.segments.map(({ first, commits, bytes, sealed }) => [
    `${first}`,
    count(commits),
    bytesText(bytes),
    sealed ? 'sealed' : 'open',
  ])
  return table(columns, rows)
}

function streamTable(streams: readonly StreamInspection[]): string {
  const columns = [
    { name: 'stream' },
    { name: 'open shards', align: 'right' },
    { name: 'records', align: 'right' },
    { name: 'kept', align: 'right' },
    { name: 'consumers', align: 'right' },
    { name: 'largest lag', align: 'right' },
  ] as const
  const rows = streams.map(({ name, openShards, shards, retentionMillis, consumers }) => {
    const records = shards.reduce((sum, { first, next }) => sum + next - first, 0)
    const lags = consumers.map((each) => each.shards.reduce((sum, { lag }) => sum + lag, 0))
    const lag = lags.length === 0 ? '' : count(Math.max(...lags))
    return [name, count(openShards), count(records), durationText(retentionMillis), count(consumers.length), lag]
  })
  return table(columns, rows)
}

function shardTable(streams: readonly StreamInspection[]): string {
  const columns = [
    { name: 'stream' },
    { name: 'shard', align: 'right' },
    { name: 'status' },
    { name: 'first', align: 'right' },
    { name: 'next', align: 'right' },
  ] as const
  const rows = streams.flatMap(({ name, shards }) =>
    shards.map(({ shard, status, first, next }) => [name, `${shard}`, status, count(first), count(next)]),
  )
  return table(columns, rows)
}

function consumerTable(streams: readonly StreamInspection[]): string {
  const rows = streams.flatMap(({ name, consumers }) =>
    consumers.flatMap(({ consumer, shards }) =>
      shards.map(({ shard, next, lag }) => [name, consumer, `${shard}`, count(next), count(lag)]),
    ),
  )
  return table([{ name: 'stream' }, ...consumerColumns], rows)
}

function queueTable({ queues }: Inspection): string {
  const rows = queues.map(({ name, messages: { visible, inFlight, delayed } }) => [
    name,
    count(visible),
    count(inFlight),
    count(delayed),
  ])
  return table(messageColumns, rows)
}

function memberTable(streams: readonly StreamInspection[]): string {
  const rows = streams.flatMap(({ name, groups }) =>
    groups.flatMap(({ group, members }) =>
      members.map(({ member, shards }) => [name, group, member, shards.join(', ')]),
    ),
  )
  return table([{ name: 'stream' }, { name: 'group' }, { name: 'member' }, { name: 'shards' }], rows)
}
