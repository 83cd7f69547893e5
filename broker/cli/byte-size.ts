import { MillraceError } from '../wire/errors.ts'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/**
 * Bytes from text such as `512MiB`, `20 GiB` or `1000`.
 * @throws invalid_field, naming `field`
 */
export function parseBytes(field: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?) *(B|KiB|MiB|GiB|TiB)?$/.exec(text)
  if (match === null) {
    throw new MillraceError('invalid_field', { field, reason: `must be a size such as 512MiB and is ${text}` })
  }
  return Math.floor(Number(match[1]) * 1024 ** units.indexOf((match[2] ?? 'B') as (typeof units)[number]))
}

/** Bytes as people read them: `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}
