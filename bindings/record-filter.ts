import { Pattern } from '../broker/wire/pattern.ts'
import type { PendingRecord } from './kinesis-event.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The filter criteria of a binding: whether a record is wanted by any of the patterns. */
export class RecordFilter {
  readonly #patterns: readonly { readonly pattern: Pattern; readonly ofData: 'object' | 'text' | 'none' }[]

  constructor(sources: readonly string[]) {
    this.#patterns = sources.map((source) => ({ pattern: Pattern.compile(source), ofData: aspectOf(source) }))
  }

  /** A pattern for an object takes no text, and one for text no object. */
  wants(record: PendingRecord): boolean {
    if (this.#patterns.length === 0) return true
    const data = dataIn(record.data)
    const event = { partitionKey: record.key, data, kinesisSchemaVersion: '1.0' }
    return this.#patterns.some(({ pattern, ofData }) => {
      if (ofData === 'object' && (typeof data !== 'object' || data === null)) return false
      if (ofData === 'text' && typeof data === 'object') return false
      return pattern.matches(event)
    })
  }
}

function aspectOf(source: string): 'object' | 'text' | 'none' {
  const { data } = JSON.parse(source) as { data?: unknown }
  if (data === undefined) return 'none'
  return Array.isArray(data) ? 'text' : 'object'
}

/** The data as JSON, or as text; undefined when it is neither. */
function dataIn(data: Uint8Array): unknown {
  let text: string
  try {
    text = decoder.decode(data)
  } catch {
    // Bytes that are no text match nothing that looks at them.
    return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
