import type { InvocationInput } from '../../modes/functions.ts'
import { MillraceError } from '../../wire/errors.ts'
import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { functionNameIn } from './put-function.ts'

/**
 * Runs a function once and answers with its result, `{requestId, version, failed, payload, log, durationMillis}`: a function that fails
 * has one too. `event` is any JSON value; `payload` the same as bytes. With `wait: false` it answers 202 as soon as the invocation is on disk.
 * @throws function_not_found, concurrency_exceeded
 */
export const invokeFunction: CallOperation = {
  method: 'POST',
  path: '/v1/functions/{function}/invocations',
  async run(broker, request) {
    const name = functionNameIn(request.params)
    const fields = new Fields(request.body)
    const event = fields.raw('event')
    const payload = fields.bytes('payload')
    const qualifier = fields.string('qualifier')
    const requestId = fields.string('requestId')
    const traceId = fields.string('traceId')
    const region = fields.string('region')
    const account = fields.string('account')
    const wait = fields.boolean('wait') ?? true
    fields.done()
    if (event !== undefined && payload !== undefined) throw fields.invalid('event', 'and payload cannot both be given')
    const input: InvocationInput = {
      payload: payload ?? Buffer.from(event === undefined ? '{}' : JSON.stringify(event)),
      ...(requestId === undefined ? {} : { requestId }),
      ...(traceId === undefined ? {} : { traceId }),
    }
    const target = {
      name,
      ...(qualifier === undefined ? {} : { qualifier }),
      ...(region === undefined ? {} : { region }),
      ...(account === undefined ? {} : { account }),
    }
    if (!wait) {
      const bytes = input.payload?.length ?? 0
      const limit = broker.limits.asyncInvocationBytesMax
      if (bytes > limit) throw new MillraceError('body_too_large', { limit })
      await broker.functions.send(target, input)
      return { status: 202, body: {} }
    }
    return { body: await broker.functions.invoke(target, input) }
  },
}
