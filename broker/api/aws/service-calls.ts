import type { AwsDoor } from './door.ts'
import type { AwsService } from './operation.ts'

/** A call of one of the broker's own operations, by a part of it that was told to by somebody with the right to. */
export interface ServiceCall {
  readonly service: string
  readonly region: string
  readonly account: string
  /** Without it, the path and the body say what is called. */
  readonly action?: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Calls operations through the AWS door as a client would, with all its checks but that of a signature. An answer that goes on is none here:
 * its status is 501.
 */
export async function callService(
  door: AwsDoor,
  call: ServiceCall,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const { service: name, region, account, path } = call
  const service = door.services.find((each) => each.name === name)
  const { headers, body } = named(call, service)
  const answer = await door.answer({
    method: 'POST',
    url: path,
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/${name}/aws4_request`,
    },
    authority: 'localhost',
    secure: false,
    body: async () => Buffer.from(body),
    signal: new AbortController().signal,
  })
  answer.sent?.()
  if (typeof answer.body !== 'function') return { status: answer.status, body: answer.body }
  return { status: 501, body: new Uint8Array(0) }
}

/** The request with the action in it: as a header where the service speaks JSON, else as a field of the form. */
function named(
  { action, headers, body }: ServiceCall,
  service: AwsService | undefined,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const type = headers['content-type']
  const speaksJson =
    service?.json !== undefined && (type === undefined ? service.query === undefined : type.includes('json'))
  if (speaksJson) {
    const target = action === undefined ? {} : { 'x-amz-target': `${service.targets[0]}.${action}` }
    return { headers: { ...target, ...headers, 'content-type': `application/x-amz-json-${service.json}` }, body }
  }
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  const fields = new URLSearchParams(body)
  if (action !== undefined && !fields.has('Action')) fields.set('Action', action)
  if (service?.query !== undefined && !fields.has('Version')) fields.set('Version', service.query.version)
  return { headers: form, body: fields.toString() }
}
