import type { AwsContext } from '../aws/operation.ts'
import { bodyOf, type FunctionRequest, forwardedHeaders } from './function-request.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The event of a request to a function's address: payload format 2.0 (docs.aws.amazon.com/lambda, "Invoking Lambda function URLs"). */
export function urlEvent(request: FunctionRequest, id: string, signer: AwsContext | undefined): object {
  const { method, path, query, headers, authority, protocol, sourceAddress, requestId, time } = request
  const parameters = parametersOf(query)
  const cookies = headers.cookie?.split(/; */).filter((each) => each !== '')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookies === undefined ? {} : { cookies }),
    headers: forwardedHeaders(request),
    ...(parameters === undefined ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: signer?.account ?? 'anonymous',
      apiId: id,
      ...(signer === undefined ? {} : { authorizer: authorizerOf(signer) }),
      domainName: authority,
      domainPrefix: id,
      http: { method, path, protocol, sourceIp: sourceAddress, userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: textOf(time),
      timeEpoch: time,
    },
    ...bodyOf(request),
  }
}

/** Decoded; those that come several times with commas between. */
function parametersOf(query: string): Record<string, string> | undefined {
  if (query === '') return undefined
  const values = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(values)
}

function authorizerOf({ account }: AwsContext): object {
  return {
    iam: {
      accountId: account,
      callerId: account,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: `arn:aws:iam::${account}:root`,
      userId: account,
    },
  }
}

/** Such as 12/Mar/2026:19:03:58 +0000. */
function textOf(time: number): string {
  const date = new Date(time)
  const day = `${date.getUTCDate()}`.padStart(2, '0')
  return `${day}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`
}
