import type { Bus } from '../../modes/bus.ts'
import type { Owner } from '../../modes/bus-record.ts'
import type { BusDescription } from '../../wire/bus-description.ts'
import type { Fields } from '../fields.ts'

/** Whose things are that were made by this API: it knows no accounts. */
export const nativeOwner: Owner = { region: 'us-east-1', account: '000000000000' }

/** A bus as this API tells of it. */
export function describeBus({ name, record, log, ruleCount }: Bus): BusDescription {
  const { first, next } = log?.shard(0) ?? { first: 0, next: 0 }
  return {
    name,
    ...(record.description === undefined ? {} : { description: record.description }),
    createdAt: record.createdAt,
    retentionMillis: record.retentionMillis,
    rules: ruleCount,
    shards: [{ shard: 0, first, next }],
  }
}

/** What can be chosen about a bus: `{retentionMillis?, description?}`. */
export function busSettingsIn(fields: Fields, retention: { readonly min: number; readonly max: number }) {
  const retentionMillis = fields.integer('retentionMillis', retention)
  const description = fields.string('description')
  return {
    ...(retentionMillis === undefined ? {} : { retentionMillis }),
    ...(description === undefined ? {} : { description }),
  }
}

/** An event pattern, as an object or as JSON text: its text. */
export function patternIn(fields: Fields, bytesMax: number): string | undefined {
  const pattern = fields.raw('pattern')
  if (pattern === undefined) return undefined
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern)
  if (Buffer.byteLength(text) > bytesMax) throw fields.invalid('pattern', `must have at most ${bytesMax} bytes as JSON`)
  return text
}
