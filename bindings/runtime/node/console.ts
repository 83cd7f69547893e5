import { format } from 'node:util'

const levels = { debug: 'DEBUG', info: 'INFO', log: 'INFO', trace: 'TRACE', warn: 'WARN', error: 'ERROR' } as const

/** Gives what a handler logs the time, the invocation and the level, as Lambda does; a line stays a line. */
export function patchConsole(requestId: () => string | undefined): void {
  for (const name of Object.keys(levels) as (keyof typeof levels)[]) {
    console[name] = (...values: unknown[]) => {
      const text = format(...values).replaceAll('\n', '\r')
      process.stdout.write(`${new Date().toISOString()}\t${requestId() ?? 'undefined'}\t${levels[name]}\t${text}\n`)
    }
  }
}

/**
 * Resolves when all that was written has left this process. A pipe takes only so many short lines at once, and what is behind them must not
 * come after the answer of the invocation that wrote it.
 */
export async function outputWritten(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()))
  }
}
