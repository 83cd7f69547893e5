import type { ScheduleDescription, ScheduleTarget } from '../../../client/index.ts'
import { MillraceError } from '../../wire/errors.ts'

/** `function:NAME[:QUALIFIER]`, `queue:NAME`, `stream:NAME`, `topic:NAME`, `bus:NAME` or a URL. */
export function targetArgument(text: string): ScheduleTarget {
  if (/^https?:\/\//.test(text)) return { http: text }
  const [kind, name, qualifier] = text.split(':')
  if (kind === 'function' && name) return { function: name, ...(qualifier === undefined ? {} : { qualifier }) }
  if (kind === 'queue' && name) return { queue: name }
  if (kind === 'stream' && name) return { stream: name }
  if (kind === 'topic' && name) return { topic: name }
  if (kind === 'bus' && name) return { bus: name }
  const reason = `must be function:NAME, queue:NAME, stream:NAME, topic:NAME, bus:NAME or a URL, and is ${text}`
  throw new MillraceError('invalid_field', { field: '--to', reason })
}

export function targetText({ target }: ScheduleDescription): string {
  if ('http' in target) return target.http
  const [kind = '', name = ''] = Object.entries(target)[0] ?? []
  return `${kind}:${name}`
}
