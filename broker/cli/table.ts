import CliTable from 'cli-table3'
import { styled } from './output.ts'

export interface Column {
  readonly name: string
  /** Numbers stand to the right. Default `left`. */
  readonly align?: 'left' | 'right'
}

/** Lines of `rows` under their column names, without borders; without names when `columns` is empty. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = new CliTable({
    head: columns.map(({ name }) => styled('bold', name)),
    colAligns: columns.map(({ align = 'left' }) => align),
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  })
  for (const row of rows) lines.push([...row])
  return lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}
