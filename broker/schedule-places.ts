/** What the target of a schedule names. */
export type SchedulePlace =
  | { readonly kind: 'function'; readonly name: string; readonly qualifier?: string }
  | { readonly kind: 'queue' | 'stream' | 'bus'; readonly name: string }
  | { readonly kind: 'topic'; readonly arn: string }
  | { readonly kind: 'call'; readonly service: string; readonly action: string }
  | { readonly kind: 'http'; readonly url: string }

/** What an ARN, or the URL of an HTTP endpoint, names; undefined when it is nothing that a schedule can fire at here. */
export function schedulePlaceOf(arn: string): SchedulePlace | undefined {
  if (/^https?:\/\//.test(arn)) return URL.canParse(arn) ? { kind: 'http', url: arn } : undefined
  const [, service, action] = /^arn:[\w-]+:scheduler:::aws-sdk:(\w+):(\w+)$/.exec(arn) ?? []
  if (service !== undefined && action !== undefined) return { kind: 'call', service, action }
  const [, owner, resource = ''] = /^arn:[\w-]+:(\w+):[\w-]*:\d{12}:(.+)$/.exec(arn) ?? []
  switch (owner) {
    case 'sqs':
      return /^[\w.-]+$/.test(resource) ? { kind: 'queue', name: resource } : undefined
    case 'sns':
      return /^[\w.-]+$/.test(resource) ? { kind: 'topic', arn } : undefined
    case 'kinesis':
      return named('stream', /^stream\/([\w.-]+)$/.exec(resource)?.[1])
    case 'events':
      return named('bus', /^event-bus\/([\w./-]+)$/.exec(resource)?.[1])
    case 'lambda': {
      const [, name, qualifier] = /^function:([\w.-]+)(?::([\w$-]+))?$/.exec(resource) ?? []
      if (name === undefined) return undefined
      return qualifier === undefined ? { kind: 'function', name } : { kind: 'function', name, qualifier }
    }
    default:
      return undefined
  }
}

function named(kind: 'stream' | 'bus', name: string | undefined): SchedulePlace | undefined {
  return name === undefined ? undefined : { kind, name }
}
