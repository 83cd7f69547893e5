import type { Broker } from '../../broker.ts'
import { latestVersion } from '../../modes/function-record.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import { AwsError } from '../../wire/aws-error.ts'
import { MillraceError } from '../../wire/errors.ts'
import type { AwsContext } from '../aws/operation.ts'
import { StreamedInvocation } from '../streamed-invocation.ts'
import { preflightAnswer, withCors } from './cors.ts'
import { elbEvent } from './elb-event.ts'
import { elbAnswer, type FunctionAnswer, messageAnswer, urlAnswer } from './function-answer.ts'
import type { FunctionRequest } from './function-request.ts'
import { type StreamedAnswer, streamedAnswer } from './prelude.ts'
import { urlEvent } from './url-event.ts'

/** What an application's load balancer takes and gives, both ways. */
const elbBytesMax = 1024 * 1024

/** A function that is called by HTTP, as the address says. */
export type FunctionRoute =
  | { readonly kind: 'url'; readonly id: string }
  | { readonly kind: 'elb'; readonly function: string; readonly qualifier: string | undefined; readonly multi: boolean }

/**
 * Has a function answer a request at its own address. `signer` says who signed it.
 * @throws AwsError, MillraceError
 */
export async function callUrl(
  { functions, limits }: Broker,
  id: string,
  request: FunctionRequest,
  signer: () => Promise<AwsContext>,
): Promise<StreamedAnswer> {
  const found = functions.withUrl(id)
  if (found === undefined) return messageAnswer(404, `There is no function with the address ${id}.`)
  const { name, qualifier, url } = found
  const { origin } = request.headers
  const preflight = preflightAnswer(url.cors, request.method, request.headers)
  if (preflight !== undefined) return preflight
  const by = url.authType === 'AWS_IAM' ? await signer() : undefined
  requireSize(request, limits.invocationBytesMax)
  const payload = Buffer.from(JSON.stringify(urlEvent(request, id, by)))
  const target = { name, ...(qualifier === latestVersion ? {} : { qualifier }) }
  const input = { payload, requestId: request.requestId, traceId: request.trace }
  const answer =
    url.invokeMode === 'BUFFERED'
      ? urlAnswer(await functions.invoke(target, input))
      : await streamedAnswer(
          await StreamedInvocation.begin((onChunk) => functions.invoke(target, { ...input, onChunk })),
        )
  return { ...answer, headers: withCors(answer.headers, url.cors, origin) }
}

/**
 * Has a function answer a request as a target of a load balancer.
 * @throws MillraceError
 */
export async function callElbTarget(
  { functions }: Broker,
  { function: name, qualifier, multi }: Extract<FunctionRoute, { kind: 'elb' }>,
  request: FunctionRequest,
): Promise<FunctionAnswer> {
  const target: FunctionTarget = { name, ...(qualifier === undefined ? {} : { qualifier }) }
  requireSize(request, elbBytesMax)
  const group = `arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/${name}/0000000000000000`
  const payload = Buffer.from(JSON.stringify(elbEvent(request, group, multi)))
  const { requestId, trace } = request
  const answer = elbAnswer(await functions.invoke(target, { payload, requestId, traceId: trace }), multi)
  return answer.body.length > elbBytesMax ? messageAnswer(502, 'The answer is larger than 1 MiB.') : answer
}

function requireSize({ body }: FunctionRequest, limit: number): void {
  if (body.length > limit) throw new MillraceError('body_too_large', { limit })
}

/** What stands for an answer when there is none. */
export function refusedAnswer(error: unknown): FunctionAnswer {
  if (error instanceof AwsError) return messageAnswer(403, `Forbidden: ${error.message}`)
  const { status, message } = MillraceError.wrap(error)
  return messageAnswer(status, message)
}
