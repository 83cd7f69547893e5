import type { StreamDescription } from '../../../client/index.ts'
import { hashKeyMax } from '../../wire/hash-range.ts'
import { bytesText } from '../byte-size.ts'
import { durationText } from '../duration.ts'
import { count, counted, printJson, printLine, styled, timeText } from '../output.ts'
import { table } from '../table.ts'

/** Prints a stream with its shards. */
export async function printStream(stream: StreamDescription, json = false): Promise<void> {
  if (json) {
    await printJson(stream)
    return
  }
  const { name, shards, retentionMillis, recordBytesMax, createdAt } = stream
  const open = shards.filter(({ status }) => status === 'open').length
  await printLine(
    `${styled('bold', name)}: ${counted(open, 'open shard')}, kept ${durationText(retentionMillis)}, ` +
      `records up to ${bytesText(recordBytesMax)}, created ${timeText(createdAt)}`,
  )
  const columns = [
    { name: 'shard', align: 'right' },
    { name: 'status' },
    { name: 'first', align: 'right' },
    { name: 'next', align: 'right' },
    { name: 'share of keys', align: 'right' },
    { name: 'from' },
    { name: 'to' },
  ] as const
  const rows = shards.map(({ shard, status, first, next, hashRange, parents, children }) => [
    `${shard}`,
    status,
    count(first),
    count(next),
    shareText(hashRange),
    parents.join(' + '),
    children.join(' + '),
  ])
  await printLine(table(columns, rows))
}

/** How much of the hash space a shard owns. */
function shareText({ start, end }: { readonly start: string; readonly end: string }): string {
  const hundredths = ((BigInt(end) - BigInt(start) + 1n) * 10_000n) / (hashKeyMax + 1n)
  return `${(Number(hundredths) / 100).toFixed(1)} %`
}
