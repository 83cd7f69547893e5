import { createHash, randomInt, randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Limits } from '../limits.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { Store } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import type { FunctionHost, FunctionUnit, Invocation, InvocationResult } from '../wire/function-host.ts'
import type { AsyncInvocations } from './async-invocations.ts'
import { FunctionCounts } from './function-figures.ts'
import {
  type AsyncConfig,
  configOf,
  type FunctionConfig,
  type FunctionRecord,
  type FunctionUrl,
  latestVersion,
  versionOf,
} from './function-record.ts'
import { type LayerRecord, parseLayerArn } from './layer-record.ts'
import { RecordsTable } from './records-table.ts'

export interface FunctionsOptions {
  /** Keeps invocations whose answer nobody waits for. */
  readonly async: AsyncInvocations
  readonly store: Store
  readonly code: CodeStore
  readonly clock: Clock
  readonly limits: Limits
  /** Makes what runs functions; called once, when the first is to be run. */
  readonly openHost: () => Promise<FunctionHost>
}

/** Who is called, and as whom. */
export interface FunctionTarget {
  readonly name: string
  /** A version or an alias; `$LATEST` by default. */
  readonly qualifier?: string
  readonly region?: string
  readonly account?: string
}

/** An invocation as its caller gives it; what is left out is made up. */
export type InvocationInput = Partial<Omit<Invocation, 'invokedArn'>>

/** A result, and the version that was run. */
export interface FunctionResult extends InvocationResult {
  readonly requestId: string
  readonly version: string
}

/** The version that a target names, and its settings. */
export interface ResolvedFunction {
  readonly version: string
  readonly config: FunctionConfig
}

const defaultRegion = 'us-east-1'
const defaultAccount = '000000000000'

/** All functions of a broker and their layers, kept in the catalog, and the way to have them run. */
export class Functions {
  readonly records: RecordsTable<FunctionRecord>
  readonly layers: RecordsTable<LayerRecord>
  readonly code: CodeStore
  readonly clock: Clock
  readonly limits: Limits
  readonly #async: AsyncInvocations
  readonly #openHost: () => Promise<FunctionHost>
  #host: Promise<FunctionHost> | undefined
  /** What functions did since the start. */
  readonly counts = new FunctionCounts()

  private constructor(
    options: FunctionsOptions,
    records: RecordsTable<FunctionRecord>,
    layers: RecordsTable<LayerRecord>,
  ) {
    this.records = records
    this.layers = layers
    this.code = options.code
    this.clock = options.clock
    this.limits = options.limits
    this.#async = options.async
    this.#openHost = options.openHost
  }

  static async open(options: FunctionsOptions): Promise<Functions> {
    const records = await RecordsTable.open<FunctionRecord>(options.store, 'function/')
    const layers = await RecordsTable.open<LayerRecord>(options.store, 'layer/')
    const functions = new Functions(options, records, layers)
    await options.code.keepOnly(functions.#hashes())
    return functions
  }

  /** @throws function_not_found */
  get(name: string): FunctionRecord {
    const record = this.records.get(name)
    if (record === undefined) throw new MillraceError('function_not_found', { function: name })
    return record
  }

  /**
   * Adds a function.
   * @throws function_exists, limit_exceeded
   */
  async create(
    name: string,
    config: FunctionConfig,
    tags: Readonly<Record<string, string>> = {},
  ): Promise<FunctionRecord> {
    return this.records.change(name, (there) => {
      if (there !== undefined) throw new MillraceError('function_exists', { function: name })
      const limit = this.limits.functionsMax
      if (this.records.size >= limit)
        throw new MillraceError('limit_exceeded', { what: 'The number of functions', limit })
      return {
        name,
        createdAt: this.clock.now(),
        latest: config,
        versions: {},
        nextVersion: 1,
        aliases: {},
        policies: {},
        asyncConfigs: {},
        urls: {},
        tags,
      }
    })
  }

  /**
   * Changes a function; processes of what it was are not used again.
   * @throws function_not_found, and whatever `change` throws
   */
  async change(name: string, change: (record: FunctionRecord) => FunctionRecord): Promise<FunctionRecord> {
    const changed = await this.records.change(name, (there) => {
      if (there === undefined) throw new MillraceError('function_not_found', { function: name })
      return change(there)
    })
    return changed
  }

  /** Deletes a function with all its versions. */
  async delete(name: string): Promise<void> {
    await this.records.change(name, (there) => {
      if (there === undefined) throw new MillraceError('function_not_found', { function: name })
      return undefined
    })
    this.counts.forget(name)
    await this.retire(name)
  }

  /** Ends the processes of a function that changed. */
  async retire(name: string): Promise<void> {
    if (this.#host !== undefined) (await this.#host).retire(name)
  }

  /** Settings with a new revision. */
  revised(config: FunctionConfig): FunctionConfig {
    return { ...config, revisionId: randomUUID(), modifiedAt: this.clock.now() }
  }

  /**
   * The version that a target names, and its settings.
   * @throws function_not_found
   */
  resolve({ name, qualifier = latestVersion }: FunctionTarget): ResolvedFunction {
    const record = this.get(name)
    const version = versionOf(record, qualifier, () => randomInt(1_000_000) / 1_000_000)
    const config = version === undefined ? undefined : configOf(record, version)
    if (version === undefined || config === undefined) {
      throw new MillraceError('function_not_found', { function: `${name}:${qualifier}` })
    }
    return { version, config }
  }

  /**
   * Runs a function once and waits for its result; a function that fails has one too. Who must know the version beforehand resolves it.
   * @throws function_not_found, concurrency_exceeded, draining
   */
  async invoke(
    target: FunctionTarget,
    input: InvocationInput = {},
    { version, config }: ResolvedFunction = this.resolve(target),
  ): Promise<FunctionResult> {
    const { requestId = randomUUID(), payload = new Uint8Array(0) } = input
    const unit = await this.#unit(target, version, config)
    const { name, qualifier } = target
    const arn = `arn:aws:lambda:${unit.region}:${unit.account}:function:${name}`
    const invokedArn = qualifier === undefined ? arn : `${arn}:${qualifier}`
    const host = await this.host()
    try {
      const result = await host.invoke(unit, { ...input, requestId, payload, invokedArn })
      this.counts.ended(name, result.failed, result.durationMillis)
      return { ...result, requestId, version }
    } catch (error) {
      this.counts.refused(name)
      throw error
    }
  }

  /**
   * Takes an invocation whose answer nobody waits for; durable when this resolves.
   * @throws function_not_found, throttled
   */
  async send(target: FunctionTarget, input: InvocationInput): Promise<void> {
    this.resolve(target)
    const { requestId = randomUUID(), payload = new Uint8Array(0) } = input
    await this.#async.take(requestId, target, { ...input, payload })
  }

  /** How invocations of a target that nobody waits for are retried, and who hears how they ended. */
  asyncConfig({ name, qualifier = latestVersion }: FunctionTarget): Partial<AsyncConfig> & { deadLetterArn?: string } {
    const record = this.records.get(name)
    const deadLetterArn = record?.latest.deadLetterArn
    return { ...record?.asyncConfigs[qualifier], ...(deadLetterArn === undefined ? {} : { deadLetterArn }) }
  }

  /** The function that has an address, the qualifier it is of, and the address itself. */
  withUrl(id: string): { name: string; qualifier: string; url: FunctionUrl } | undefined {
    for (const { name, urls } of this.records.list()) {
      for (const [qualifier, url] of Object.entries(urls)) if (url.id === id) return { name, qualifier, url }
    }
    return undefined
  }

  /** What runs them. */
  host(): Promise<FunctionHost> {
    this.#host ??= this.#openHost()
    return this.#host
  }

  /** Ends all that runs. */
  async close(): Promise<void> {
    this.#async.close()
    if (this.#host !== undefined) await (await this.#host).close()
    await this.code.close()
  }

  async #unit(target: FunctionTarget, version: string, config: FunctionConfig): Promise<FunctionUnit> {
    const { region = defaultRegion, account = defaultAccount, name } = target
    const { code, layers } = config
    return {
      name,
      version,
      revision: `${config.revisionId} ${region} ${account}`,
      runtime: config.runtime,
      handler: config.handler,
      timeoutMillis: config.timeoutSeconds * 1000,
      memoryMegabytes: config.memoryMegabytes,
      environment: config.environment,
      directory:
        code.kind === 'archive'
          ? await this.code.directory(code.hash)
          : code.kind === 'directory'
            ? code.path
            : undefined,
      watched: code.kind === 'directory',
      layers: await Promise.all(layers.map((arn) => this.#layerDirectory(name, arn))),
      region,
      account,
      concurrencyMax: this.get(name).reservedConcurrency,
    }
  }

  #layerDirectory(name: string, arn: string): Promise<string> {
    const parsed = parseLayerArn(arn)
    const version = parsed && this.layers.get(parsed.name)?.versions[parsed.version]
    if (version === undefined) {
      throw new MillraceError('function_code', { function: name, reason: `layer ${arn} was deleted` })
    }
    return this.code.directory(version.hash)
  }

  /** The archives that anything refers to. */
  #hashes(): Set<string> {
    const hashes = new Set<string>()
    for (const { latest, versions } of this.records.list()) {
      for (const { code } of [latest, ...Object.values(versions)]) if (code.kind === 'archive') hashes.add(code.hash)
    }
    for (const { versions } of this.layers.list()) for (const { hash } of Object.values(versions)) hashes.add(hash)
    return hashes
  }
}

/** A hash in base64, as AWS has CodeSha256; code without an archive gets one of its path. */
export function codeSha256(config: FunctionConfig): string {
  const { code } = config
  if (code.kind === 'archive') return Buffer.from(code.hash, 'hex').toString('base64')
  return createHash('sha256')
    .update(code.kind === 'directory' ? code.path : code.kind)
    .digest('base64')
}
