import type { Fields } from '../fields.ts'

/** The bytes of a record or message, given in exactly one way: `data` (binary or base64), `text` or `json`. */
export function dataIn(fields: Fields): Uint8Array {
  const given = ['data', 'text', 'json'].filter((field) => fields.has(field))
  if (given.length !== 1) throw fields.invalid('data', 'must be given in exactly one way: data, text or json')
  const data = fields.bytes('data')
  if (data !== undefined) return data
  const text = fields.string('text')
  return Buffer.from(text ?? jsonIn(fields))
}

function jsonIn(fields: Fields): string {
  try {
    return JSON.stringify(fields.raw('json'))
  } catch (cause) {
    // MessagePack has integers that JSON has not, and what could be parsed may be nested too deep to be written.
    throw fields.invalid('json', `cannot be written as JSON (${cause instanceof Error ? cause.message : cause})`)
  }
}
