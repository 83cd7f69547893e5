import { InvalidArgumentError } from 'commander'
import { MillraceError } from '../wire/errors.ts'
import { hashKeyMax } from '../wire/hash-range.ts'
import { parseBytes } from './byte-size.ts'

/** A whole number of at least `min`. */
export function integerArgument(min: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} on.`)
  }
}

/** A shard's number. */
export const shardArgument = integerArgument(0)

/** Shard numbers, `0,2` or one by one. */
export function shardsArgument(text: string, before: readonly number[] | undefined): number[] {
  return [...(before ?? []), ...text.split(',').map((each) => shardArgument(each.trim()))]
}

/** Bytes: `512KiB`. */
export function bytesArgument(text: string): number {
  try {
    return parseBytes('', text)
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    throw new InvalidArgumentError('Give a size, such as 512KiB or 4MiB.')
  }
}

/** A hash key in decimal. */
export function hashKeyArgument(text: string): bigint {
  const key = /^\d{1,39}$/.test(text) ? BigInt(text) : -1n
  if (key >= 0n && key <= hashKeyMax) return key
  throw new InvalidArgumentError('Give a decimal number below 2^128.')
}
