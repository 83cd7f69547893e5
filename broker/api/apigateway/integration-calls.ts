import type { ServiceTarget } from './integration-target.ts'

export interface CallAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** What integrations call besides functions. */
export interface IntegrationCalls {
  /** Calls an operation of this broker's own AWS API, as `account`. */
  service(
    target: ServiceTarget & { readonly account: string },
    request: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  ): Promise<CallAnswer>
  /** Calls an endpoint; `status` is 502 when it could not be reached or did not answer in time. */
  http(request: {
    readonly url: string
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    readonly answerMillisMax: number
  }): Promise<CallAnswer>
}
