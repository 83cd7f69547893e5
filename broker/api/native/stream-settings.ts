import type { Limits } from '../../limits.ts'
import type { Fields } from '../fields.ts'

/** The settings of a stream that can be chosen and changed; those left out are absent. */
export function settingsIn(fields: Fields, limits: Limits): { retentionMillis?: number; recordBytesMax?: number } {
  const retentionMillis = fields.integer('retentionMillis', {
    min: limits.retentionMillisMin,
    max: limits.retentionMillisMax,
  })
  const recordBytesMax = fields.integer('recordBytesMax', { min: 1, max: limits.recordBytesMax })
  return {
    ...(retentionMillis === undefined ? {} : { retentionMillis }),
    ...(recordBytesMax === undefined ? {} : { recordBytesMax }),
  }
}
