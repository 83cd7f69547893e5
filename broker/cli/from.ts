import { InvalidArgumentError } from 'commander'
import type { Client, StreamHandle } from '../../client/index.ts'
import { parseDuration } from './duration.ts'

/** Where reading begins, as the command line says it. */
export type FromFlag =
  | 'horizon'
  | 'latest'
  | { readonly time: number }
  | { readonly agoMillis: number }
  | { readonly sequence: number }

/** The same as the client library takes it for one shard: a number is a sequence. */
export type Start = 'horizon' | 'latest' | number | Date

export const fromHelp = 'horizon, latest, -10m, 2026-01-31T12:00:00Z or a sequence'

/** Reads `--from`. */
export function fromArgument(text: string): FromFlag {
  if (text === 'horizon' || text === 'latest') return text
  if (/^\d{1,15}$/.test(text)) return { sequence: Number(text) }
  const agoMillis = text.startsWith('-') ? parseDuration(text.slice(1)) : undefined
  if (agoMillis !== undefined && agoMillis >= 0) return { agoMillis }
  // Node reads many formats; only those that begin with year, month and day are not ambiguous.
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new InvalidArgumentError(`Give ${fromHelp}.`)
  return { time }
}

/** Where that is. "Ago" is by the broker's clock, which may be a manual one. */
export async function startOf(client: Client, from: FromFlag): Promise<Start> {
  if (typeof from === 'string') return from
  if ('sequence' in from) return from.sequence
  if ('time' in from) return new Date(from.time)
  return new Date(Math.max(0, (await client.info()).now - from.agoMillis))
}

/** The sequence at which reading of a shard begins. */
export async function sequenceAt(stream: StreamHandle, shard: number, from: Start): Promise<number> {
  const page = await stream.read({ shard, from, limit: 1 })
  return page.records[0]?.sequence ?? page.next
}
