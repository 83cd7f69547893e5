import { once } from 'node:events'
import { styleText } from 'node:util'

let outlivesReader = false

/** Whoever read our output has seen enough, as `head` does after a line: ends the process, quietly. */
export function endQuietlyWithStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (!outlivesReader) process.exit(process.exitCode)
  })
}

/** Goes on when nobody reads what is printed: a broker has other things to do. */
export function outliveReader(): void {
  outlivesReader = true
}

/** Writes to stdout at the pace of whoever reads it; resolves when more may be written. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

export async function printLine(text: string): Promise<void> {
  await print(`${text}\n`)
}

/** A value as JSON, on one line. */
export async function printJson(value: unknown): Promise<void> {
  await printLine(JSON.stringify(value))
}

type Style = Parameters<typeof styleText>[0]

/** Coloured for stdout, if that is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** 1234567 as 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1 shard`, `2 shards`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A time as people read it, to the millisecond, in UTC. */
export function timeText(millis: number): string {
  return new Date(millis).toISOString().replace('T', ' ')
}
