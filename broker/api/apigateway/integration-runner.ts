import type { Broker } from '../../broker.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { SocketIntegration } from '../../modes/socket-apis.ts'
import { MillraceError } from '../../wire/errors.ts'
import type { CallAnswer, IntegrationCalls } from './integration-calls.ts'
import { addressFor, answerFrom, requestFor } from './integration-request.ts'
import { integrationTarget } from './integration-target.ts'
import type { SocketEvent } from './socket-event.ts'

/** What an integration answers; all of it may be missing. */
export interface IntegrationAnswer {
  readonly statusCode?: unknown
  readonly headers?: unknown
  readonly body?: unknown
  readonly isBase64Encoded?: unknown
}

/** `failed` where it did not do it. */
export type IntegrationOutcome = 'failed' | IntegrationAnswer

/** Whose an API is: everything here belongs to one account. */
const account = '000000000000'

/** Brings what clients do to functions, to operations of other services of this broker, and to endpoints. */
export class IntegrationRunner {
  readonly #broker: Broker
  readonly #calls: IntegrationCalls

  constructor(broker: Broker, calls: IntegrationCalls) {
    this.#broker = broker
    this.#calls = calls
  }

  /** Never rejects: what goes wrong on this side is reported as a fault, and `failed`. */
  async run(integration: SocketIntegration, event: SocketEvent): Promise<IntegrationOutcome> {
    const { integrationType: type, integrationUri, timeoutInMillis } = integration
    if (type === 'MOCK') return {}
    const target = integrationTarget(type, integrationUri)
    if (target === undefined) return 'failed'
    if (target.kind === 'function' && type === 'AWS_PROXY') return this.invoke(target.function, event, timeoutInMillis)
    try {
      if (target.kind === 'http') return await this.#toEndpoint(target.url, integration, event)
      const request = requestFor(integration, event)
      if (target.kind === 'service')
        return outcomeOf(await this.#calls.service({ ...target, account }, request), integration, event)
      const answer = await this.invoke(target.function, JSON.parse(request.body), timeoutInMillis)
      return answer === 'failed' ? answer : { body: answerFrom(integration, event, 200, JSON.stringify(answer)) }
    } catch (error) {
      // A template that cannot be filled from this message, or that makes something else than was meant.
      if (error instanceof SyntaxError || error instanceof URIError) return 'failed'
      if (!(error instanceof MillraceError)) this.#broker.onFault(error)
      return 'failed'
    }
  }

  /** Has a function handle an event, within `millis`. */
  async invoke(target: FunctionTarget, event: unknown, millis: number): Promise<IntegrationOutcome> {
    try {
      return await this.#invoke(target, event, millis)
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code === 'internal') this.#broker.onFault(error)
      return 'failed'
    }
  }

  async #toEndpoint(url: string, integration: SocketIntegration, event: SocketEvent): Promise<IntegrationOutcome> {
    const { integrationType: type, integrationMethod: method = 'POST', timeoutInMillis: answerMillisMax } = integration
    const { requestTemplates: _, ...untemplated } = integration
    // A proxy passes messages on as they are.
    const { headers, query, body } = requestFor(type === 'HTTP_PROXY' ? untemplated : integration, event)
    const address = addressFor(url, integration, event, query)
    const call = { url: address, method, headers, body: Buffer.from(body), answerMillisMax }
    return outcomeOf(await this.#calls.http(call), integration, event)
  }

  async #invoke(target: FunctionTarget, event: unknown, millis: number): Promise<IntegrationOutcome> {
    const { functions, wall } = this.#broker
    const invoked = functions.invoke(target, { payload: Buffer.from(JSON.stringify(event)) })
    let giveUp: () => void = () => undefined
    const late = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined)
    })
    const timer = wall.after(millis, giveUp)
    try {
      const result = await Promise.race([invoked, late])
      if (result === undefined || result.failed) return 'failed'
      const value: unknown = JSON.parse(Buffer.from(result.payload).toString() || 'null')
      return typeof value === 'object' && value !== null ? value : {}
    } catch (error) {
      if (error instanceof SyntaxError) return 'failed'
      throw error
    } finally {
      timer.cancel()
      // Nobody waits for what comes too late.
      invoked.catch(() => undefined)
    }
  }
}

/** Whoever connects is answered with a refusal as it is; whoever sends a message hears only that it failed. */
function outcomeOf(
  { status, body }: CallAnswer,
  integration: SocketIntegration,
  event: SocketEvent,
): IntegrationOutcome {
  const connects = event.requestContext['eventType'] === 'CONNECT'
  if (status >= 500 || (status >= 400 && !connects)) return 'failed'
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  return { statusCode: status, body: connects ? text : answerFrom(integration, event, status, text) }
}
