import type { BindingTarget } from './binding.ts'

/** The ARN of a target; of HTTP, its address. */
export function targetArn(
  target: BindingTarget,
  { region, account }: { readonly region: string; readonly account: string },
): string {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`
  switch (target.kind) {
    case 'http':
      return target.url
    case 'stream':
      return arn('kinesis', `stream/${target.stream}`)
    case 'queue':
      return arn('sqs', target.queue)
    case 'topic':
      return arn('sns', target.topic)
    case 'bus':
      return arn('events', `event-bus/${target.bus}`)
    case 'sockets':
      return arn('execute-api', `${target.api}/${target.stage ?? '*'}`)
    case 'function': {
      const whole = arn('lambda', `function:${target.function}`)
      return target.qualifier === undefined ? whole : `${whole}:${target.qualifier}`
    }
  }
}
