import type { AwsDoor } from '../aws/door.ts'
import type { CallAnswer, IntegrationCalls } from './integration-calls.ts'

type ServiceParameters = Parameters<IntegrationCalls['service']>
type HttpRequest = Parameters<IntegrationCalls['http']>[0]

/** What calls endpoints. */
export interface HttpCaller {
  send(
    request: HttpRequest,
  ): Promise<{ readonly failed: boolean; readonly payload: Uint8Array; readonly status?: number }>
  close(): Promise<void>
}

const nothing = new Uint8Array(0)

/** Calls of integrations: to this broker's own operations, and to endpoints. What either needs is opened when it is called for the first time. */
export class LocalIntegrationCalls implements IntegrationCalls {
  readonly #openDoor: () => Promise<AwsDoor>
  readonly #openHttp: () => Promise<HttpCaller>
  #http: Promise<HttpCaller> | undefined

  constructor(openDoor: () => Promise<AwsDoor>, openHttp: () => Promise<HttpCaller>) {
    this.#openDoor = openDoor
    this.#openHttp = openHttp
  }

  async service(...[target, request]: ServiceParameters): Promise<CallAnswer> {
    const [door, { callService }] = await Promise.all([this.#openDoor(), import('../aws/service-calls.ts')])
    return callService(door.trusting(), { ...target, ...request })
  }

  async http(request: HttpRequest): Promise<CallAnswer> {
    this.#http ??= this.#openHttp()
    const { failed, payload, status = failed ? 502 : 200 } = await (await this.#http).send(request)
    // What went wrong there is told by its status alone: the text names addresses that are nobody's business here.
    return { status, body: failed ? nothing : payload }
  }

  async close(): Promise<void> {
    await (await this.#http)?.close()
  }
}
