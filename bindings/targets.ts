import type { BindingRecord, BindingTarget } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { Client } from '../client/index.ts'

/** How a delivery to a target ended. */
export interface Delivered {
  readonly failed: boolean
  /** The answer, or the error. */
  readonly payload: Uint8Array
  readonly requestId: string
  /** The version of the function that ran. */
  readonly version: string
}

/** What is delivered, and how a target that keeps an order groups it. */
export interface Delivery {
  readonly payload: Uint8Array
  readonly key: string
}

const nothing = new Uint8Array(0)

/**
 * Delivers to a target and waits for how that ended.
 * @throws MillraceError when it could not be delivered: throttled, gone, draining
 */
export async function deliver(
  client: Client,
  target: BindingTarget,
  delivery: Delivery,
  by: Pick<BindingRecord, 'region' | 'account'>,
): Promise<Delivered> {
  if (target.kind === 'stream') {
    await client.stream(target.stream).put({ key: delivery.key, data: delivery.payload })
    return { failed: false, payload: nothing, requestId: '', version: '' }
  }
  const { function: name, qualifier } = target
  const body = {
    payload: delivery.payload,
    region: by.region,
    account: by.account,
    ...(qualifier === undefined ? {} : { qualifier }),
  }
  const path = `/v1/functions/${encodeURIComponent(name)}/invocations`
  const result = (await client.endpoint.call({ method: 'POST', path, body })) as Omit<Delivered, 'payload'> & {
    payload: unknown
  }
  if (!(result.payload instanceof Uint8Array)) {
    throw new MillraceError('internal', { reason: 'a function answered without bytes' })
  }
  return { ...result, payload: result.payload }
}

/** The ARN of a target. */
export function arnOf(target: BindingTarget, { region, account }: Pick<BindingRecord, 'region' | 'account'>): string {
  if (target.kind === 'stream') return `arn:aws:kinesis:${region}:${account}:stream/${target.stream}`
  const arn = `arn:aws:lambda:${region}:${account}:function:${target.function}`
  return target.qualifier === undefined ? arn : `${arn}:${target.qualifier}`
}
