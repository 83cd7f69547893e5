import { MillraceError } from '../wire/errors.ts'

/**
 * An answer's value as plain maps, arrays and scalars: errors as their bodies, and bytes as `bytes` makes them (base64 for JSON,
 * copies for a caller in this process, who may do with them what he likes).
 */
export function plain(value: unknown, bytes: (data: Uint8Array) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return bytes(value)
  if (Array.isArray(value)) return value.map((each) => plain(each, bytes))
  const object = value instanceof MillraceError ? value.toJSON() : value
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, each]) => (each === undefined ? [] : [[name, plain(each, bytes)]])),
  )
}
