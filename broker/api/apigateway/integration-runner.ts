import type { Broker } from '../../broker.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { SocketIntegration } from '../../modes/socket-apis.ts'
import { MillraceError } from '../../wire/errors.ts'
import type { CallAnswer, IntegrationCalls } from './integration-calls.ts'
import { addressFor, answerFrom, requestFor } from './integration-request.ts'
import { integrationTarget } from './integration-target.ts'
import { jsonIn } from './mapping-template.ts'
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
    const target = integrationTarget(type, integrationUri)
    try {
      if (type === 'MOCK') return this.#mock(integration, event)
      if (target === undefined) return 'failed'
      if (target.kind === 'function' && type === 'AWS_PROXY')
        return this.invoke(target.function, event, timeoutInMillis)
      if (target.kind === 'http') return await this.#toEndpoint(target.url, integration, event)
      const request = requestFor(integration, event)
      if (target.kind === 'service')
        return outcomeOf(await this.#calls.service({ ...target, account, ...request }), integration, event)
      const result = await this.#result(target.function, JSON.parse(request.body), timeoutInMillis)
      return result === undefined ? 'failed' : { body: answerFrom(integration, event, 200, result) }
    } catch (error) {
      // A template that cannot be filled from this message, or that makes something else than was meant.
      if (error instanceof SyntaxError || error instanceof URIError) return 'failed'
      if (!(error instanceof MillraceError)) this.#broker.onFault(error)
      return 'failed'
    }
  }

  /** Nothing is called: the request template says with which status that ends, the response template with which answer. */
  #mock(integration: SocketIntegration, event: SocketEvent): IntegrationOutcome {
    const { requestTemplates, responses } = integration
    const statusCode = requestTemplates === undefined ? 200 : statusIn(requestFor(integration, event).body)
    return responses === undefined
      ? { statusCode }
      : { statusCode, body: answerFrom(integration, event, statusCode, '') }
  }

  /** Has a function handle an event, within `millis`. */
  async invoke(target: FunctionTarget, event: unknown, millis: number): Promise<IntegrationOutcome> {
    try {
      const result = await this.#result(target, event, millis)
      return result === undefined ? 'failed' : (Object(JSON.parse(result)) as IntegrationAnswer)
    } catch (error) {
      // A handler of another language may return anything.
      if (error instanceof SyntaxError) return 'failed'
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

  /** What a function returned, as JSON; undefined when it failed, or was not done in time. */
  async #result(target: FunctionTarget, event: unknown, millis: number): Promise<string | undefined> {
    const { functions, wall } = this.#broker
    const invoked = functions.invoke(target, { payload: Buffer.from(JSON.stringify(event)) })
    let giveUp: () => void = () => undefined
    const late = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined)
    })
    const timer = wall.after(millis, giveUp)
    try {
      const result = await Promise.race([invoked, late])
      return result === undefined || result.failed ? undefined : Buffer.from(result.payload).toString() || 'null'
    } finally {
      timer.cancel()
      // Nobody waits for what comes too late.
      invoked.catch(() => undefined)
    }
  }
}

/** `{"statusCode": 403}`; 200 where nothing says otherwise. */
function statusIn(text: string): number {
  const { statusCode } = Object(jsonIn(text)) as { readonly statusCode?: unknown }
  return Number.isInteger(statusCode) ? Number(statusCode) : 200
}

/** Whoever connects is answered with a refusal as it is; whoever sends a message hears only that it failed. */
function outcomeOf(
  { status, body }: CallAnswer,
  integration: SocketIntegration,
  event: SocketEvent,
): IntegrationOutcome {
  const connects = event.requestContext['eventType'] === 'CONNECT'
  if (status >= 500 || (status >= 300 && !connects)) return 'failed'
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  return { statusCode: status, body: connects ? text : answerFrom(integration, event, status, text) }
}
