import { InvalidArgumentError } from 'commander'
import type { BindingTarget } from '../wire/binding.ts'

/** What rules, schedules and bindings lead to. */
export type Target =
  | { readonly function: string; readonly qualifier?: string }
  | { readonly queue: string }
  | { readonly stream: string }
  | { readonly topic: string }
  | { readonly bus: string }
  | { readonly http: string }

export const targetHelp = 'function:NAME, queue:NAME, stream:NAME, topic:NAME, bus:NAME or a URL'

/** For options: a target, as text. */
export function targetArgument(text: string): Target {
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

/** For options that may be given several times. */
export function targetsArgument(text: string, before: readonly Target[] = []): readonly Target[] {
  return [...before, targetArgument(text)]
}

/** A target, as people write it. */
export function targetText(
  target: Target | BindingTarget | { readonly destination: string } | { readonly call: string },
): string {
  if ('url' in target) return target.url
  if ('http' in target) return target.http
  if ('queue' in target) return `queue:${target.queue}`
  if ('stream' in target) return `stream:${target.stream}`
  if ('topic' in target) return `topic:${target.topic}`
  if ('bus' in target) return `bus:${target.bus}`
  if ('api' in target) return `sockets:${target.api}${target.stage === undefined ? '' : `:${target.stage}`}`
  if ('destination' in target) return `destination:${target.destination}`
  if ('call' in target) return `call:${target.call}`
  return `function:${target.function}${target.qualifier === undefined ? '' : `:${target.qualifier}`}`
}
