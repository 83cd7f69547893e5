import { serializationError } from './aws-error.ts'

/**
 * AWS JSON 1.0 and 1.1 (Smithy, "AWS JSON protocol"): bytes are base64 text, times are numbers of seconds since 1970 with a
 * fraction of milliseconds.
 */
const decoder = new TextDecoder('utf-8', { fatal: true })

/** An answer that knows its own JSON, because building it as values first would cost more than the answer itself. */
export interface SelfEncoding {
  /** UTF-8 JSON. */
  toAwsJson(): Uint8Array
  /** The same as values, for every other encoding. */
  toValue(): object
}

export function isSelfEncoding(value: object): value is SelfEncoding {
  return 'toAwsJson' in value && 'toValue' in value
}

/**
 * The value of a request's body.
 * @throws AwsError SerializationException
 */
export function decodeAwsJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw serializationError('The body is not JSON.', cause)
  }
}

/** An answer's value as JSON; members that are undefined are left out. */
export function encodeAwsJson(value: object): Uint8Array {
  if (isSelfEncoding(value)) return value.toAwsJson()
  return Buffer.from(JSON.stringify(value, replacer))
}

/** JSON.stringify has made text of dates and objects of Buffers before it asks: so look at what the holder has. */
function replacer(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key]
  if (held instanceof Date) return held.getTime() / 1000
  if (held instanceof Uint8Array) return base64(held)
  return value
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
