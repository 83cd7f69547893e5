import { randomBytes } from 'node:crypto'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { RecordsTable } from './records-table.ts'

/** What a message goes to. */
export interface SocketIntegration {
  readonly integrationId: string
  readonly integrationType: 'AWS' | 'AWS_PROXY' | 'HTTP' | 'HTTP_PROXY' | 'MOCK'
  /** Of a function or of an operation of another service, as API Gateway writes it, or of an endpoint. */
  readonly integrationUri?: string
  /** Of endpoints. */
  readonly integrationMethod?: string
  readonly description?: string
  readonly timeoutInMillis: number
  /** Headers, query and parts of the path, by where they go, and what stands there. */
  readonly requestParameters?: Readonly<Record<string, string>>
  /** What is sent, by the key that the selection expression comes to, or `$default`. */
  readonly requestTemplates?: Readonly<Record<string, string>>
  readonly templateSelectionExpression?: string
  readonly passthroughBehavior?: string
  readonly contentHandlingStrategy?: string
  readonly credentialsArn?: string
  /** What is made of its answers, by their ids. */
  readonly responses?: Readonly<Record<string, SocketIntegrationResponse>>
}

/** What is made of an answer before it is sent back. */
export interface SocketIntegrationResponse {
  readonly integrationResponseId: string
  /** `$default`, or statuses such as `/404/` or `/2\d\d/`. */
  readonly integrationResponseKey: string
  readonly responseTemplates?: Readonly<Record<string, string>>
  readonly templateSelectionExpression?: string
  readonly responseParameters?: Readonly<Record<string, string>>
  readonly contentHandlingStrategy?: string
}

/** A schema that somebody keeps here. */
export interface SocketModel {
  readonly modelId: string
  readonly name: string
  readonly contentType: string
  /** JSON. */
  readonly schema: string
  readonly description?: string
}

/** A function that says who may connect. */
export interface SocketAuthorizer {
  readonly authorizerId: string
  readonly name: string
  readonly authorizerUri: string
  /** What a request must have, such as `route.request.querystring.token`. */
  readonly identitySource: readonly string[]
}

export interface SocketRoute {
  readonly routeId: string
  /** `$connect`, `$disconnect`, `$default`, or what the API's selection expression finds in a message. */
  readonly routeKey: string
  /** `integrations/ID`. */
  readonly target?: string
  readonly operationName?: string
  /** Of `$connect` only. */
  readonly authorizerId?: string
  readonly routeResponseSelectionExpression?: string
  /** Where there is one, what the integration returns is sent back. */
  readonly responses: Readonly<Record<string, { readonly routeResponseId: string; readonly routeResponseKey: string }>>
}

/** What leads messages where, as it was when somebody deployed it. */
export interface SocketDeployment {
  readonly deploymentId: string
  readonly description?: string
  readonly createdAt: number
  readonly routes: Readonly<Record<string, SocketRoute>>
  readonly integrations: Readonly<Record<string, SocketIntegration>>
  readonly authorizers: Readonly<Record<string, SocketAuthorizer>>
}

export interface SocketStage {
  readonly stageName: string
  readonly deploymentId?: string
  readonly description?: string
  /** What is changed goes into force at once. */
  readonly autoDeploy: boolean
  readonly stageVariables: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly changedAt: number
}

/** A WebSocket API, all of it. */
export interface SocketApi {
  /** Its id. */
  readonly name: string
  readonly apiName: string
  readonly description?: string
  readonly routeSelectionExpression: string
  readonly createdAt: number
  readonly tags: Readonly<Record<string, string>>
  readonly routes: Readonly<Record<string, SocketRoute>>
  readonly integrations: Readonly<Record<string, SocketIntegration>>
  readonly authorizers: Readonly<Record<string, SocketAuthorizer>>
  readonly deployments: Readonly<Record<string, SocketDeployment>>
  readonly stages: Readonly<Record<string, SocketStage>>
  readonly models?: Readonly<Record<string, SocketModel>>
}

/** What is in force on a stage. */
export type DeployedApi = Pick<SocketDeployment, 'routes' | 'integrations' | 'authorizers'>

/** All WebSocket APIs of a broker, kept in the catalog. */
export class SocketApis {
  readonly records: RecordsTable<SocketApi>
  readonly #limits: Limits

  private constructor(records: RecordsTable<SocketApi>, limits: Limits) {
    this.records = records
    this.#limits = limits
  }

  static async open(store: Store, limits: Limits): Promise<SocketApis> {
    return new SocketApis(await RecordsTable.open(store, 'socket-api/'), limits)
  }

  /** @throws limit_exceeded */
  async create(
    api: Omit<SocketApi, 'name' | 'routes' | 'integrations' | 'authorizers' | 'deployments' | 'stages'>,
  ): Promise<SocketApi> {
    const limit = this.#limits.socketApisMax
    if (this.records.size >= limit)
      throw new MillraceError('limit_exceeded', { what: 'The number of WebSocket APIs', limit })
    const name = newResourceId()
    const record = { ...api, name, routes: {}, integrations: {}, authorizers: {}, deployments: {}, stages: {} }
    return this.records.change(name, () => record)
  }

  /** What a stage runs; undefined when there is no such API or stage, or nothing was deployed to it. */
  deployed(apiId: string, stageName: string): DeployedApi | undefined {
    const api = this.records.get(apiId)
    const stage = api?.stages[stageName]
    if (api === undefined || stage === undefined) return undefined
    return stage.autoDeploy ? api : api.deployments[stage.deploymentId ?? '']
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Ten letters and digits, as API Gateway's ids are. */
export function newResourceId(): string {
  return [...randomBytes(10)].map((byte) => letters[byte % letters.length]).join('')
}
