/** How calls of an API destination are let in there. The secrets in it are never answered. */
export type ConnectionAuth =
  | { readonly kind: 'BASIC'; readonly user: string; readonly password: string }
  | { readonly kind: 'API_KEY'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'OAUTH_CLIENT_CREDENTIALS'
      readonly endpoint: string
      readonly method: string
      readonly clientId: string
      readonly clientSecret: string
      readonly parameters: CallParameters
    }

/** What is sent with each call; those that are secret are not answered. */
export interface CallParameters {
  readonly headers: readonly CallParameter[]
  readonly query: readonly CallParameter[]
  readonly body: readonly CallParameter[]
}

export interface CallParameter {
  readonly key: string
  readonly value: string
  readonly secret: boolean
}

/** What it takes to be let in by an HTTP endpoint. */
export interface ConnectionSecrets {
  readonly name: string
  /** Undefined when it was deauthorized. */
  readonly auth?: ConnectionAuth
  readonly parameters: CallParameters
  /** Changes with the connection: a token of a former one is none. */
  readonly modifiedAt: number
}
