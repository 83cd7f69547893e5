import { InvalidArgumentError } from 'commander'
import type { EventTarget } from '../../../client/index.ts'

export const targetHelp = 'queue:NAME, stream:NAME, function:NAME, topic:NAME, bus:NAME or a URL'

/** For options: a target, as text. */
export function targetArgument(text: string, before: readonly EventTarget[] = []): readonly EventTarget[] {
  return [...before, targetOf(text)]
}

function targetOf(text: string): EventTarget {
  if (/^https?:\/\//.test(text)) return { http: text }
  const [kind = '', name = '', qualifier] = text.split(':')
  if (name !== '' && kind === 'function') return { function: name, ...(qualifier === undefined ? {} : { qualifier }) }
  if (name !== '' && qualifier === undefined) {
    if (kind === 'queue') return { queue: name }
    if (kind === 'stream') return { stream: name }
    if (kind === 'topic') return { topic: name }
    if (kind === 'bus') return { bus: name }
  }
  throw new InvalidArgumentError(`Give ${targetHelp}.`)
}

/** A target, as people write it. */
export function targetText(target: EventTarget): string {
  if ('http' in target) return target.http
  if ('queue' in target) return `queue:${target.queue}`
  if ('stream' in target) return `stream:${target.stream}`
  if ('topic' in target) return `topic:${target.topic}`
  if ('bus' in target) return `bus:${target.bus}`
  if ('destination' in target) return `destination:${target.destination}`
  return `function:${target.function}${target.qualifier === undefined ? '' : `:${target.qualifier}`}`
}
