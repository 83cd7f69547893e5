import { bodyOf, type FunctionRequest, forwardedHeaders } from './function-request.ts'

/**
 * The event of a request that a load balancer hands to a function (docs.aws.amazon.com/elasticloadbalancing, "Lambda functions as targets"). With
 * `multi`, headers and parameters are lists, and only in that form. Parameters stay as they were sent, percent-encoded.
 */
export function elbEvent(request: FunctionRequest, targetGroupArn: string, multi: boolean): object {
  const { method, path, query, headers: given } = request
  const headers = { ...forwardedHeaders(request), ...(given.cookie === undefined ? {} : { cookie: given.cookie }) }
  const parameters = query.split('&').flatMap((each): [string, string][] => {
    const [name = '', ...value] = each.split('=')
    return name === '' ? [] : [[name, value.join('=')]]
  })
  const { body = '', isBase64Encoded } = bodyOf(request)
  return {
    requestContext: { elb: { targetGroupArn } },
    httpMethod: method,
    path,
    ...(multi
      ? { multiValueQueryStringParameters: listsOf(parameters), multiValueHeaders: listsOf(Object.entries(headers)) }
      : // Of those that come several times the last one counts.
        { queryStringParameters: Object.fromEntries(parameters), headers }),
    body,
    isBase64Encoded,
  }
}

function listsOf(entries: readonly (readonly [string, string])[]): Record<string, string[]> {
  const lists = new Map<string, string[]>()
  for (const [name, value] of entries) lists.set(name, [...(lists.get(name) ?? []), value])
  return Object.fromEntries(lists)
}
