import type { StreamedInvocation } from '../streamed-invocation.ts'
import { badGateway, type FunctionAnswer, streamedHead, urlAnswer } from './function-answer.ts'

const preludeType = 'application/vnd.awslambda.http-integration-response'
const mark = Buffer.alloc(8)
const preludeBytesMax = 64 * 1024

/** An answer whose body may come piece by piece. */
export interface StreamedAnswer extends Omit<FunctionAnswer, 'body'> {
  readonly body: Uint8Array | AsyncGenerator<Uint8Array, void, undefined>
}

/**
 * The answer of a function that may stream: status, headers and cookies as JSON ahead of the body, with eight zero bytes behind them, when it
 * says that they are there (docs.aws.amazon.com/lambda, "Response streaming"); else all of it is the body. One that fails before its head is
 * out is told of as any other.
 */
export async function streamedAnswer(invocation: StreamedInvocation): Promise<StreamedAnswer> {
  const type = invocation.contentType
  if (type === undefined) return urlAnswer(invocation.result)
  const pieces = invocation.pieces()
  if (type !== preludeType) return { status: 200, headers: { 'content-type': type }, body: bodyOf(invocation, pieces) }
  let bytes: Buffer = Buffer.alloc(0)
  while (bytes.length <= preludeBytesMax) {
    const next = await pieces.next()
    if (next.done) break
    bytes = Buffer.concat([bytes, next.value])
    const end = bytes.indexOf(mark)
    if (end < 0) continue
    const head = streamedHead(bytes.subarray(0, end))
    if (head === undefined) break
    return { ...head, body: bodyOf(invocation, pieces, bytes.subarray(end + mark.length)) }
  }
  await pieces.return()
  return badGateway
}

/** Throws where the function fails in the middle: who reads it then knows that it is not whole. */
async function* bodyOf(
  invocation: StreamedInvocation,
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  first: Uint8Array = new Uint8Array(0),
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.length > 0) yield first
  yield* pieces
  if (invocation.result.failed) throw new Error('The function failed in the middle of its answer.')
}
