import type { Statement } from './function-policy.ts'

/** Where a function's code is. */
export type FunctionCode =
  /** An archive in the code store. */
  | { readonly kind: 'archive'; readonly hash: string; readonly bytes: number }
  /** Its author's own directory, in which files may change at any time. */
  | { readonly kind: 'directory'; readonly path: string }
  /** A handler of the program that embeds the broker. */
  | { readonly kind: 'embedded' }

/** All that can be chosen about how a function runs; a published version is these, frozen. */
export interface FunctionConfig {
  readonly code: FunctionCode
  readonly runtime: string
  readonly handler: string
  readonly description: string
  readonly role: string
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
  readonly storageMegabytes: number
  readonly environment: Readonly<Record<string, string>>
  /** ARNs of layer versions, in order. */
  readonly layers: readonly string[]
  readonly architectures: readonly string[]
  /** Where an asynchronous invocation that failed for good goes: an ARN. */
  readonly deadLetterArn?: string
  readonly tracing: string
  /** Settings that change nothing here and are handed back as they came, such as VpcConfig. */
  readonly carried: Readonly<Record<string, unknown>>
  readonly revisionId: string
  readonly modifiedAt: number
}

export interface FunctionAlias {
  readonly version: string
  readonly description: string
  /** Versions that get a share of the invocations, each from 0 to 1. */
  readonly weights: Readonly<Record<string, number>>
  readonly revisionId: string
}

/** How an asynchronous invocation is retried, and who hears how it ended. */
export interface AsyncConfig {
  readonly retriesMax?: number
  readonly ageSecondsMax?: number
  /** ARNs. */
  readonly onSuccess?: string
  readonly onFailure?: string
  readonly modifiedAt: number
}

/** Which pages of other origins may call a function, in AWS's names; what is missing is not said. */
export interface FunctionCors {
  readonly AllowCredentials?: boolean
  readonly AllowHeaders?: readonly string[]
  readonly AllowMethods?: readonly string[]
  readonly AllowOrigins?: readonly string[]
  readonly ExposeHeaders?: readonly string[]
  /** Seconds for which a browser may remember the rest. */
  readonly MaxAge?: number
}

/** The address of a function: what calls it by HTTP. */
export interface FunctionUrl {
  /** 32 letters and digits. */
  readonly id: string
  readonly authType: 'NONE' | 'AWS_IAM'
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM'
  readonly cors?: FunctionCors
  readonly createdAt: number
  readonly modifiedAt: number
}

export interface ProvisionedConcurrency {
  readonly executions: number
  readonly modifiedAt: number
}

/** What the catalog keeps of a function. */
export interface FunctionRecord {
  readonly name: string
  readonly createdAt: number
  /** `$LATEST`. */
  readonly latest: FunctionConfig
  /** Those published, by number as text. */
  readonly versions: Readonly<Record<string, FunctionConfig>>
  readonly nextVersion: number
  readonly aliases: Readonly<Record<string, FunctionAlias>>
  /** Invocations at once that it may have, and has to itself. */
  readonly reservedConcurrency?: number
  /** Statements of who may call, by qualifier; `$LATEST` for none. They are kept, and not enforced. */
  readonly policies: Readonly<Record<string, Readonly<Record<string, Statement>>>>
  readonly asyncConfigs: Readonly<Record<string, AsyncConfig>>
  readonly urls: Readonly<Record<string, FunctionUrl>>
  /** How many invocations are to be ready, by qualifier; kept and told. */
  readonly provisioned?: Readonly<Record<string, ProvisionedConcurrency>>
  readonly tags: Readonly<Record<string, string>>
}

export const latestVersion = '$LATEST'

/** The version that a qualifier of a function names, an alias by chance where it is weighted; undefined when it names nothing. */
export function versionOf(record: FunctionRecord, qualifier: string, chance: () => number): string | undefined {
  if (qualifier === latestVersion || qualifier in record.versions) return qualifier
  const alias = Object.hasOwn(record.aliases, qualifier) ? record.aliases[qualifier] : undefined
  if (alias === undefined) return undefined
  let left = chance()
  for (const [version, weight] of Object.entries(alias.weights)) {
    left -= weight
    if (left < 0) return version
  }
  return alias.version
}

/** The settings of a version. */
export function configOf(record: FunctionRecord, version: string): FunctionConfig | undefined {
  return version === latestVersion
    ? record.latest
    : Object.hasOwn(record.versions, version)
      ? record.versions[version]
      : undefined
}
