import type { Functions } from './modes/functions.ts'
import type { Streams } from './modes/streams.ts'
import { MillraceError } from './wire/errors.ts'

/** Sends to what ARNs name: streams and functions of this broker. */
export function destinationsIn(
  streams: Streams,
  functions: Functions,
): (arn: string, payload: Uint8Array) => Promise<void> {
  return async (arn, payload) => {
    const [, service, name] = parseDestination(arn) ?? []
    if (service === 'kinesis') {
      const [result] = await streams.get(name ?? '').put([{ key: name ?? '', data: payload }])
      if (result instanceof MillraceError) throw result
    } else if (service === 'lambda') {
      await functions.send({ name: name ?? '' }, { payload })
    } else {
      throw new MillraceError('invalid_field', { field: 'destination', reason: `${arn} names nothing of this broker` })
    }
  }
}

/** The service and the name in the ARN of a stream or function. */
export function parseDestination(arn: string): RegExpExecArray | undefined {
  return /^arn:[^:]*:(kinesis|lambda):[^:]*:\d{12}:(?:stream\/|function:)([A-Za-z0-9_.-]+)$/.exec(arn) ?? undefined
}
