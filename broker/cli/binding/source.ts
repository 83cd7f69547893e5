import { InvalidArgumentError } from 'commander'
import type { BindingSource } from '../../wire/binding.ts'

export type Source = { readonly stream: string } | { readonly queue: string }

/** For options: what a binding reads, as text. */
export function sourceArgument(text: string): Source {
  const [, kind, name = ''] = /^(stream|queue):(.+)$/.exec(text) ?? []
  if (kind === 'stream') return { stream: name }
  if (kind === 'queue') return { queue: name }
  const others: Readonly<Record<string, string>> = {
    topic: ' For topics: millrace topic subscribe.',
    bus: ' For buses: millrace bus rule.',
    schedule: ' For schedules: millrace schedule add.',
  }
  throw new InvalidArgumentError(`Give stream:NAME or queue:NAME.${others[text.replace(/:.*/, '')] ?? ''}`)
}

/** For options that may be given several times. */
export function sourcesArgument(text: string, before: readonly Source[] = []): readonly Source[] {
  return [...before, sourceArgument(text)]
}

export function sourceText(source: BindingSource): string {
  if (source.kind === 'queue') return `queue:${source.queue}`
  return source.kind === 'stream' ? `stream:${source.stream}` : `${source.kind}:${source.name}`
}
