import type { BindingDescription } from '../../../client/index.ts'
import { durationText } from '../duration.ts'
import { count, counted, printJson, printLine } from '../output.ts'
import { table } from '../table.ts'
import { targetText } from '../target.ts'
import { sourceText } from './source.ts'

/** Prints a binding, and how it fares. */
export async function printBinding(binding: BindingDescription, json = false): Promise<void> {
  if (json) {
    await printJson(binding)
    return
  }
  const { name, source, target, filter, batch, retry, deadLetter, lag } = binding
  const rows = [
    ['binding', name],
    ['source', sourceText(source)],
    ['target', targetText(target)],
    ...filter.map((pattern, i) => [i === 0 ? 'filter' : '', pattern]),
    ['batches', batchText(batch)],
    ...(source.kind === 'stream' ? [['retries', retryText(retry)]] : []),
    ...(deadLetter === undefined ? [] : [['dead letters', `to ${targetText(deadLetter)}`]]),
    ['state', stateText(binding)],
    ['lag', count(lag)],
    ['last result', resultText(binding)],
  ]
  await printLine(table([], rows))
}

export function stateText({ paused }: BindingDescription): string {
  return paused ? 'paused' : 'running'
}

export function resultText({ status }: BindingDescription): string {
  if (status === undefined) return '-'
  return `${status.lastResult}${status.lastError === undefined ? '' : ` (${status.lastError})`}`
}

function batchText({ recordsMax, windowMillis, parallel, partial }: BindingDescription['batch']): string {
  const parts = [`of ${count(recordsMax)} at most`]
  if (windowMillis > 0) parts.push(`within ${durationText(windowMillis)}`)
  if (parallel > 1) parts.push(`${count(parallel)} at once`)
  if (partial) parts.push('answers say which records failed')
  return parts.join(', ')
}

function retryText({ retriesMax, ageMillisMax, bisect }: BindingDescription['retry']): string {
  const parts = [retriesMax === null ? 'until it is done' : counted(retriesMax, 'time')]
  if (ageMillisMax !== null) parts.push(`within ${durationText(ageMillisMax)}`)
  if (bisect) parts.push('halved each time')
  return parts.join(', ')
}
