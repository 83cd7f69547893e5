import { isUtf8 } from 'node:buffer'
import type { ConsumedRecord } from '../../client/index.ts'
import { styled, timeText } from './output.ts'

/** How `tail` shows a record, line end included. */
export type RecordFormat = (record: ConsumedRecord) => string | Buffer

/** For people: time, place, key and data on one line. */
export function prettyRecord({ time, shard, sequence, key, headers, data }: ConsumedRecord): string {
  const place = `${shard}/${sequence}`.padStart(8)
  const named = Object.entries(headers).map(([name, value]) => ` ${styled('magenta', visible(`${name}=${value}`))}`)
  return `${styled('dim', timeText(time))} ${styled('dim', place)}  ${styled('cyan', visible(key))}${named.join('')}  ${dataText(data)}\n`
}

/**
 * For programs: one JSON object on one line. The data is `json` where it is JSON, exactly as it was put, or else `text`, or else
 * `data` in base64; a put takes the same names.
 */
export function jsonRecord({ shard, sequence, time, key, headers, data }: ConsumedRecord): string {
  const place = { shard, sequence, time: new Date(time).toISOString(), key }
  const head = JSON.stringify(Object.keys(headers).length === 0 ? place : { ...place, headers })
  return `${head.slice(0, -1)},${dataField(data)}}\n`
}

/** The data alone, exactly as it was put, and a line end. */
export function rawData({ data }: { readonly data: Uint8Array }): Buffer {
  return Buffer.concat([data, lineEnd])
}

const lineEnd = Buffer.from('\n')

/** The data as a field of a JSON object: `json`, `text`, or `data` in base64. */
export function dataField(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  if (!isUtf8(bytes)) return `"data":${JSON.stringify(bytes.toString('base64'))}`
  const text = bytes.toString()
  // What is valid stays as it is, so that numbers of any size survive; line ends between its tokens do not.
  return isJson(text) ? `"json":${text.replace(/[\r\n]+/g, ' ')}` : `"text":${JSON.stringify(text)}`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The data as text for people. */
export function dataText(data: Uint8Array): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
  return isUtf8(bytes) ? visible(bytes.toString()) : styled('yellow', `base64:${bytes.toString('base64')}`)
}

/** What would move a terminal's cursor, or worse, is shown as its escape. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => JSON.stringify(character).slice(1, -1))
}
