import type { Unit } from './result.ts'

/** A figure as people read it: 3 significant digits, thousands and millions by letter where counts are meant. */
export function quantityText(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '-'
  const counts = unit === 'records/s' || unit === 'op/s' || unit === ''
  if (counts && value >= 999_500) return `${digits(value / 1e6)} M`
  if (counts && value >= 9_995) return `${digits(value / 1e3)} k`
  return digits(value)
}

/** Three significant digits, without an exponent and without trailing zeros behind a comma. */
export function digits(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.floor(Math.log10(Math.abs(value)))
  const decimals = Math.max(0, 2 - magnitude)
  return Number(value.toFixed(Math.min(decimals, 6))).toLocaleString('en-US', { maximumFractionDigits: 6 })
}
