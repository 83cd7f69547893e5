import { MillraceError } from '../wire/errors.ts'
import { hashKeyMax } from '../wire/hash-range.ts'

/** What MessagePack's 16-bit lengths carry. */
const textBytesMax = 65_535

/** What names of streams, consumers, groups and members look like. `.` and `..` mean something else in a URL. */
const namePattern = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,128}$/

/**
 * Reads the fields of a request, and names the field in every complaint. Each field that is read is known; `done` refuses
 * the rest, since a misspelt option that is silently ignored costs its author an evening.
 */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>
  readonly #known = new Set<string>()
  readonly #where: string

  /** `where` goes before field names in errors, such as `records[3].`. */
  constructor(value: unknown, where = '') {
    this.#where = where
    if (value === undefined) this.#values = new Map()
    else if (isObject(value)) this.#values = new Map(Object.entries(value))
    else
      throw new MillraceError('bad_request', {
        reason: `${where || 'The body'} must be an object`.replace(/\.? must/, ' must'),
      })
  }

  has(field: string): boolean {
    this.#known.add(field)
    return this.#values.get(field) !== undefined
  }

  /** The value as it came; undefined when it isn't there. */
  raw(field: string): unknown {
    this.#known.add(field)
    return this.#values.get(field)
  }

  /** An integer from `min` to `max`; text of digits is taken too, as queries have it. */
  integer(field: string, bounds: { min: number; max: number }): number | undefined {
    const value = this.raw(field)
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < bounds.min || number > bounds.max) {
      throw this.invalid(field, `must be an integer from ${bounds.min} to ${bounds.max}`)
    }
    return number
  }

  string(field: string): string | undefined {
    const value = this.raw(field)
    if (value === undefined || typeof value === 'string') return value
    throw this.invalid(field, 'must be a string')
  }

  boolean(field: string): boolean | undefined {
    const value = this.raw(field)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.invalid(field, 'must be true or false')
  }

  /** A name of a stream, consumer, group or member. */
  name(field: string): string | undefined {
    const value = this.string(field)
    if (value === undefined || namePattern.test(value)) return value
    throw this.invalid(field, 'must be 1 to 128 of the characters A-Z a-z 0-9 _ . - and not . or ..')
  }

  array(field: string): readonly unknown[] | undefined {
    const value = this.raw(field)
    if (value === undefined || Array.isArray(value)) return value
    throw this.invalid(field, 'must be an array')
  }

  /** A shard's number. */
  shard(field: string): number | undefined {
    return this.integer(field, { min: 0, max: 2 ** 32 - 1 })
  }

  /** A hash key: an integer below 2^128 as decimal text. */
  hashKey(field: string): bigint | undefined {
    const text = this.string(field)
    if (text === undefined) return undefined
    const key = /^\d{1,39}$/.test(text) ? BigInt(text) : undefined
    if (key === undefined || key > hashKeyMax) throw this.invalid(field, 'must be a decimal number below 2^128')
    return key
  }

  /** An object of strings, each short enough for a record's header. */
  strings(field: string): Record<string, string> | undefined {
    const value = this.raw(field)
    if (value === undefined) return undefined
    const entries = isObject(value) ? Object.entries(value) : []
    const fits = (text: unknown) => typeof text === 'string' && Buffer.byteLength(text) <= textBytesMax
    if (!isObject(value) || entries.length > textBytesMax || !entries.flat().every(fits)) {
      throw this.invalid(field, `must be an object of strings of at most ${textBytesMax} bytes`)
    }
    return value as Record<string, string>
  }

  /** An object whose keys are shard numbers. */
  byShard(field: string): Map<number, unknown> | undefined {
    const value = this.raw(field)
    if (value === undefined) return undefined
    const entries = isObject(value) ? Object.entries(value) : []
    if (!isObject(value) || !entries.every(([key]) => /^\d{1,10}$/.test(key))) {
      throw this.invalid(field, 'must be an object with shard numbers as its keys')
    }
    return new Map(entries.map(([key, each]) => [Number(key), each]))
  }

  /** An array of shard numbers. */
  shards(field: string): number[] | undefined {
    return this.array(field)?.map((value) => {
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
      throw this.invalid(field, 'must be an array of shard numbers')
    })
  }

  /** Bytes: binary as it is, or base64 text. */
  bytes(field: string): Uint8Array | undefined {
    const value = this.raw(field)
    if (value === undefined || value instanceof Uint8Array) return value
    if (typeof value === 'string' && isBase64(value)) return Buffer.from(value, 'base64')
    throw this.invalid(field, 'must be base64')
  }

  /** Refuses fields that nobody asked for. */
  done(): void {
    for (const field of this.#values.keys()) {
      if (this.#known.has(field)) continue
      throw this.invalid(field, `is not known here (known: ${[...this.#known].join(', ') || 'none'})`)
    }
  }

  /** The error for a field that is not as it must be. */
  invalid(field: string, reason: string): MillraceError {
    return new MillraceError('invalid_field', { field: this.#where + field, reason })
  }

  /** `value`, unless the field is not there. */
  required<T>(field: string, value: T | undefined): T {
    if (value === undefined) throw this.invalid(field, 'is missing')
    return value
  }
}

/**
 * The name that stands in a path.
 * @throws invalid_field
 */
export function nameIn(params: Readonly<Record<string, string>>, field: string): string {
  const fields = new Fields(params)
  return fields.required(field, fields.name(field))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** Node's decoder skips what is not base64; a typing error in data must not be stored as something else. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
