import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { MillraceError } from '../wire/errors.ts'

/** Where lines come from. */
export interface LineInput {
  /** How a line of it is named in messages: `line 7`, or `orders.ndjson:7`. */
  readonly nameOf: (line: number) => string
  /** Undefined when nobody knows, as of a pipe. */
  readonly bytes: number | undefined
  open(): Readable
}

/**
 * The files named, or stdin when none is; `-` is stdin too.
 * @throws invalid_field for a file that cannot be read
 */
export function lineInputs(files: readonly string[]): Promise<LineInput[]> {
  return Promise.all((files.length === 0 ? ['-'] : files).map((file) => (file === '-' ? stdin : fileInput(file))))
}

const stdin: LineInput = { nameOf: (line) => `line ${line}`, bytes: undefined, open: () => process.stdin }

async function fileInput(path: string): Promise<LineInput> {
  const stats = await stat(path).catch((cause: Error) => {
    throw new MillraceError('invalid_field', { field: path, reason: `cannot be read: ${cause.message}` }, cause)
  })
  if (stats.isDirectory()) {
    throw new MillraceError('invalid_field', { field: path, reason: 'is a directory, and must be a file of lines' })
  }
  return {
    nameOf: (line) => `${path}:${line}`,
    bytes: stats.isFile() ? stats.size : undefined,
    open: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
  }
}
