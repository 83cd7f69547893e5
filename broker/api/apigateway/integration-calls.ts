import type { AwsDoor } from '../aws/door.ts'
import { callService, type ServiceCall } from '../aws/service-calls.ts'

export interface CallAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** A request of an endpoint. */
export interface EndpointRequest {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly answerMillisMax: number
}

/** What calls endpoints. */
export interface HttpCaller {
  send(
    request: EndpointRequest,
  ): Promise<{ readonly failed: boolean; readonly payload: Uint8Array; readonly status?: number }>
  close(): Promise<void>
}

const nothing = new Uint8Array(0)

/** What integrations call besides functions. What a call needs is opened by the first that needs it. */
export class IntegrationCalls {
  readonly #openDoor: () => Promise<AwsDoor>
  readonly #openHttp: () => Promise<HttpCaller>
  #door: Promise<AwsDoor> | undefined
  #http: Promise<HttpCaller> | undefined

  constructor(openDoor: () => Promise<AwsDoor>, openHttp: () => Promise<HttpCaller>) {
    this.#openDoor = openDoor
    this.#openHttp = openHttp
  }

  /** Calls an operation of this broker's own AWS API. */
  async service(call: ServiceCall): Promise<CallAnswer> {
    this.#door ??= this.#openDoor().then((door) => door.trusting())
    return callService(await this.#door, call)
  }

  /** Calls an endpoint; `status` is 502 when it could not be reached or did not answer in time. */
  async http(request: EndpointRequest): Promise<CallAnswer> {
    this.#http ??= this.#openHttp()
    const { failed, payload, status = failed ? 502 : 200 } = await (await this.#http).send(request)
    // What went wrong there is told by its status alone: the text names addresses that are nobody's business here.
    return { status, body: failed ? nothing : payload }
  }

  async close(): Promise<void> {
    await (await this.#http)?.close()
  }
}
