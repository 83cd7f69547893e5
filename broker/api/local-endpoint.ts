import { setMaxListeners } from 'node:events'
import type { Broker } from '../broker.ts'
import type { Channel } from '../wire/channel.ts'
import type { Endpoint, EndpointCall } from '../wire/endpoint.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Dispatch } from './dispatch.ts'
import { channelPair } from './local-channel.ts'
import type { ApiRequest, StreamOperation } from './operation.ts'
import { plain } from './plain.ts'

/** The native API for callers in this process: the same operations, without a socket and without encoding. */
export class LocalEndpoint implements Endpoint {
  readonly #broker: Broker
  readonly #dispatch: Dispatch
  readonly #never = new AbortController().signal

  constructor(broker: Broker, dispatch: Dispatch) {
    this.#broker = broker
    this.#dispatch = dispatch
    // All calls without a signal of their own listen to this one, while they are under way.
    setMaxListeners(0, this.#never)
  }

  async call(call: EndpointCall): Promise<unknown> {
    const { signal = this.#never } = call
    if (signal.aborted) throw cancelled(call)
    const { operation, params } = this.#dispatch.find(call.method, call.path)
    if ('prepare' in operation)
      throw new MillraceError('bad_request', { reason: `${call.path} is a long stream: open it` })
    const request = { params, query: call.query ?? {}, body: call.body, signal }
    const answer = await abandonable(call, signal, async () => operation.run(this.#broker, request))
    return plain(answer.body, (data) => data.slice())
  }

  open(path: string, body?: unknown): Channel {
    const [near, far] = channelPair()
    if (body !== undefined) near.end()
    this.#begin(path, body, far).catch((error: unknown) => near.destroy(MillraceError.wrap(error)))
    return near
  }

  async close(): Promise<void> {
    // There is no connection to let go of; the broker belongs to whoever made it.
  }

  async #begin(path: string, body: unknown, channel: Channel): Promise<void> {
    const { operation, params } = this.#dispatch.find('POST', path)
    if (!('prepare' in operation)) throw new MillraceError('bad_request', { reason: `${path} is not a long stream` })
    const request: ApiRequest = { params, query: {}, body, signal: this.#never }
    const start = await (operation as StreamOperation).prepare(this.#broker, request)
    start(channel)
  }
}

/** Runs `work` until `signal` fires: then nobody waits for its answer any more. */
async function abandonable<T>(call: EndpointCall, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise, reject } = withReject<T>()
  const abort = () => reject(cancelled(call))
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work(), promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function withReject<T>(): { promise: Promise<T>; reject: (error: MillraceError) => void } {
  let reject: (error: MillraceError) => void = () => undefined
  const promise = new Promise<T>((_, refuse) => {
    reject = refuse
  })
  return { promise, reject }
}

function cancelled(call: EndpointCall): MillraceError {
  return new MillraceError('cancelled', { what: `${call.method} ${call.path}` })
}
