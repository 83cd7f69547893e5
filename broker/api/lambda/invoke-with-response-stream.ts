import type { Channel } from '../../wire/channel.ts'
import { eventStreamType, invokeComplete, payloadChunk } from '../../wire/event-stream.ts'
import { AwsRaw, AwsStream, awsOperation } from '../aws/operation.ts'
import { writeAll } from '../channel-writer.ts'
import { StreamedInvocation } from '../streamed-invocation.ts'
import { invocationIn, invocationMembers } from './invocation.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/**
 * Runs a function and hands its answer on as it comes, as events: pieces, and at the end how it ended. What a function answers that does not
 * stream is one piece.
 */
export const invokeWithResponseStream = awsOperation({
  name: 'InvokeWithResponseStream',
  http: { method: 'POST', path: '/2021-11-15/functions/{FunctionName}/response-streaming-invocations' },
  input: {
    FunctionName: functionName,
    Qualifier: qualifier,
    InvocationType: {
      type: 'string',
      at: 'header',
      as: 'X-Amz-Invocation-Type',
      enum: ['RequestResponse', 'DryRun'],
    },
    ...invocationMembers,
  },
  async run({ functions, limits, onFault }, input, context) {
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const given = invocationIn(input, limits)
    if (input.InvocationType === 'DryRun') return new AwsRaw(204, {}, new Uint8Array(0))
    const resolved = functions.resolve(target)
    const { requestId } = context
    // What is refused is refused before the head of the answer is out.
    const invocation = await StreamedInvocation.begin((onChunk) =>
      functions.invoke(target, { ...given, requestId, onChunk }, resolved),
    )
    const start = (channel: Channel) =>
      void writeAll(channel, eventsOf(invocation, input.LogType === 'Tail')).catch(onFault)
    return new AwsStream(eventStreamType, start, { 'x-amz-executed-version': resolved.version })
  },
})

async function* eventsOf(invocation: StreamedInvocation, tail: boolean): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of invocation.pieces()) yield payloadChunk(piece)
  const { payload, failed, log } = invocation.result
  if (!failed && payload.length > 0) yield payloadChunk(payload)
  yield invokeComplete({
    ...(failed ? { ErrorCode: 'Unhandled', ErrorDetails: Buffer.from(payload).toString() } : {}),
    ...(tail ? { LogResult: Buffer.from(log).toString('base64') } : {}),
  })
}
