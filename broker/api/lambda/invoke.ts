import type { Broker } from '../../broker.ts'
import type { FunctionResult, FunctionTarget, InvocationInput } from '../../modes/functions.ts'
import { AwsError } from '../../wire/aws-error.ts'
import { type AwsContext, AwsRaw, awsOperation } from '../aws/operation.ts'
import { invocationIn, invocationMembers } from './invocation.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

const empty = new Uint8Array(0)

/**
 * Runs a function and answers with its result, or with what it threw: that is a good answer too, with a header that says so. With `DryRun`
 * it only says whether it could.
 */
export const invoke = awsOperation({
  name: 'Invoke',
  http: { method: 'POST', path: '/2015-03-31/functions/{FunctionName}/invocations' },
  input: {
    FunctionName: functionName,
    Qualifier: qualifier,
    InvocationType: {
      type: 'string',
      at: 'header',
      as: 'X-Amz-Invocation-Type',
      enum: ['RequestResponse', 'Event', 'DryRun'],
    },
    ...invocationMembers,
  },
  async run(broker, input, context) {
    const target = targetOf(input, context)
    recordOf(broker.functions, target, context)
    const invocation = invocationIn(input, broker.limits)
    if (input.InvocationType === 'DryRun') return new AwsRaw(204, {}, empty)
    if (input.InvocationType === 'Event') return sendEvent(broker, target, invocation, context)
    const result = await broker.functions.invoke(target, { ...invocation, requestId: context.requestId })
    return answerOf(result, input.LogType === 'Tail')
  },
})

function answerOf({ payload, failed, version, log }: FunctionResult, tail: boolean): AwsRaw {
  const headers = {
    'content-type': 'application/json',
    'x-amz-executed-version': version,
    ...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
    ...(tail ? { 'x-amz-log-result': Buffer.from(log).toString('base64') } : {}),
  }
  return new AwsRaw(200, headers, payload)
}

/** Takes the event; what becomes of it is told to nobody who waits. */
async function sendEvent(
  broker: Broker,
  target: FunctionTarget,
  invocation: InvocationInput,
  { requestId }: AwsContext,
): Promise<AwsRaw> {
  const limit = broker.limits.asyncInvocationBytesMax
  if ((invocation.payload?.length ?? 0) > limit) {
    const text = `${invocation.payload?.length} byte payload is too large for the Event invocation type (limit ${limit} bytes)`
    throw new AwsError('RequestTooLargeException', text, { status: 413 })
  }
  await broker.functions.send(target, { ...invocation, requestId })
  return new AwsRaw(202, {}, empty)
}
