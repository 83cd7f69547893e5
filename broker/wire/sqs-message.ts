import type { MessageAttribute } from './queue-message.ts'

/** What SQS tells of a message, to its receivers and in the events of functions alike. */

const encoder = new TextEncoder()

/**
 * What SQS's digest of message attributes is the MD5 of: for each in order of its name, name, type and value, each behind its length as u32,
 * with a byte before the value that says whether it is text (1) or bytes (2).
 */
export function attributesDigested(attributes: Readonly<Record<string, MessageAttribute>>): Uint8Array {
  const parts = Object.keys(attributes)
    .sort()
    .flatMap((name) => {
      const { type, value } = attributes[name] as MessageAttribute
      const kind = Uint8Array.of(typeof value === 'string' ? 1 : 2)
      const bytes = typeof value === 'string' ? encoder.encode(value) : value
      return [
        ...behindLength(encoder.encode(name)),
        ...behindLength(encoder.encode(type)),
        kind,
        ...behindLength(bytes),
      ]
    })
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}

function behindLength(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return [length, bytes]
}

/** A sequence as SQS writes them: 20 digits, so that they compare as texts too. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(19, '0')}`
}
