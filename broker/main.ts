import { join } from 'node:path'
import type { BindingRunners } from '../bindings/binding-runners.ts'
import type { HttpTarget } from '../bindings/http-target.ts'
import type { AwsDoor } from './api/aws/door.ts'
import type { Dispatch } from './api/dispatch.ts'
import { LocalEndpoint } from './api/local-endpoint.ts'
import type { Operation } from './api/operation.ts'
import { Broker } from './broker.ts'
import { type Clock, keptAlive, ManualClock, RealClock } from './clock.ts'
import { type Limits, limits } from './limits.ts'
import { addEmbedded, type EmbeddedFunctionOptions } from './modes/embedded-function.ts'
import type { Listener } from './server/listener.ts'
import type { Store } from './store/store.ts'
import type { Endpoint } from './wire/endpoint.ts'
import { MillraceError } from './wire/errors.ts'
import type { EmbeddedHandler } from './wire/function-host.ts'

export interface MainOptions {
  /** Keep everything in memory, for tests; gone with the process. Default false. */
  readonly memory?: boolean
  /** The data directory, made when missing. Default `./data`. */
  readonly data?: string
  /** `real` (the default), `manual` (starts at 2026-01-01T00:00:00Z and moves only by `advance`), or a clock of your own. */
  readonly clock?: 'real' | 'manual' | Clock
  /** `strict` applies AWS's rate quotas. Default `relaxed`. */
  readonly limits?: 'relaxed' | 'strict'
  /** Bytes the log may take on disk before its oldest segments go, whatever their retention. Default: no bound. */
  readonly logBytesMax?: number
  /** Hears of faults that nobody else is told of. Default: prints them to stderr. */
  readonly onFault?: (error: unknown) => void
  /** The port to listen on, 0 for any free one. Without it nothing listens. */
  readonly port?: number
  /** Default 127.0.0.1. Any other address needs `token`, `awsCredentials` or `insecure`. */
  readonly host?: string
  /** What clients must send as their bearer token. Default: none. */
  readonly token?: string
  /** Access key ids and their secrets: AWS calls must be signed with one of them. Default: any signature will do. */
  readonly awsCredentials?: Readonly<Record<string, string>>
  /** Tokens that are good for less than all, such as `{ 'page-token': ['read:streams/flights', 'write:queues/jobs-*'] }`. */
  readonly grants?: Readonly<Record<string, readonly string[]>>
  /** Pages of these origins may use the broker, such as `https://app.example.com`; `*` for all. docs/browser.md has the default. */
  readonly allowOrigins?: readonly string[]
  /** Let everyone in who reaches a public address. Default false. */
  readonly insecure?: boolean
  /** Let bindings deliver by HTTP to addresses of this machine and its network. By default only where nobody else can reach the broker. */
  readonly privateTargets?: boolean
  /** Certificate and key in PEM: the port then speaks TLS too. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
}

/** What tests put in the place of the usual parts. */
export interface MainParts {
  /** Bounds other than the usual ones. */
  readonly limits?: Partial<Limits>
  /** An engine; the broker closes it. By default the one that the options name. */
  readonly store?: Store
  /** Operations beside those of the native API. */
  readonly operations?: readonly Operation[]
  /** What sockets and a drain wait by: the machine's clock, whatever the broker's is. */
  readonly wall?: Clock
}

/** The composition root: puts the floors together, bottom up, and takes them apart, top down. */
export class Main {
  readonly broker: Broker
  readonly endpoint: Endpoint
  readonly #door: Door | undefined
  readonly #embedded: Map<string, EmbeddedHandler>
  readonly #privateTargets: boolean
  #runners: BindingRunners | undefined
  #closing: Promise<void> | undefined

  private constructor({ broker, endpoint, door, embedded, privateTargets }: Opened) {
    this.#embedded = embedded
    this.broker = broker
    this.endpoint = endpoint
    this.#door = door
    this.#privateTargets = privateTargets
    this.#runBindings().catch(broker.onFault)
  }

  /**
   * Opens the store, recovers, and when a port is given, listens.
   * @throws unsafe_address, store_locked, store_format, store_unusable, store_corrupt, listen_failed; then nothing is left open
   */
  static async start(options: MainOptions, parts: MainParts = {}): Promise<Main> {
    requireSafeAddress(options)
    const bounds: Limits = { ...limits, ...parts.limits }
    // Loaded side by side: the native engine, the socket layer and the operations together are most of a start.
    const [store, { Dispatch }, { nativeOperations }, { version }] = await Promise.all([
      parts.store ?? openStore(options, bounds),
      import('./api/dispatch.ts'),
      import('./api/native/operations.ts'),
      import('./version.ts'),
    ])
    let broker: Broker | undefined
    let door: Door | undefined
    const embedded = new Map<string, EmbeddedHandler>()
    const environment = () => (door === undefined ? {} : { AWS_ENDPOINT_URL: door.listener.url })
    try {
      broker = await Broker.open({
        store,
        clock: clockOf(options),
        wall: parts.wall ?? new RealClock(),
        limits: bounds,
        strict: options.limits === 'strict',
        version,
        ...(options.memory === true ? {} : { codePath: join(options.data ?? 'data', 'functions') }),
        openHost: async () => {
          const { ProcessHost } = await import('../bindings/runtime/process-host.ts')
          return new ProcessHost({ processesMax: bounds.functionProcessesMax, environment, embedded })
        },
        logBytesMax: options.logBytesMax ?? Number.POSITIVE_INFINITY,
        origin: () => environment().AWS_ENDPOINT_URL ?? 'http://127.0.0.1:4566',
        onFault: options.onFault ?? ((error) => console.error('millrace:', error)),
      })
      const dispatch = new Dispatch([...nativeOperations, ...(parts.operations ?? [])])
      door = await listen(options, broker, dispatch)
      const privateTargets = mayPrivate(options)
      broker.schedules.begin()
      return new Main({ broker, endpoint: new LocalEndpoint(broker, dispatch), door, embedded, privateTargets })
    } catch (error) {
      await (broker === undefined ? store.close() : broker.close())
      throw error
    }
  }

  /** Where it listens; undefined when it doesn't. */
  get url(): string | undefined {
    return this.#door?.listener.url
  }

  /** Connections open now. */
  get connections(): number {
    return this.#door?.listener.connections ?? 0
  }

  /** Has `handler` run, in this process, for the function `name`, which is added if there is none. */
  async handle(name: string, handler: EmbeddedHandler, options: EmbeddedFunctionOptions = {}): Promise<void> {
    this.#embedded.set(name, handler)
    await addEmbedded(this.broker.functions, name, options)
  }

  /** Drains long streams, answers what was asked, ends connections, and closes the store. Calling it again waits too. */
  close(): Promise<void> {
    this.#closing ??= keptAlive(this.#close())
    return this.#closing
  }

  /** Has the bindings worked, once there are any. */
  async #runBindings(): Promise<void> {
    const { bindings, clock, onFault } = this.broker
    const never = new AbortController().signal
    const { version } = bindings
    if (bindings.records.size === 0)
      await this.broker.waiting(never, (signal) => bindings.changedSince(version, { signal }))
    if (this.broker.draining) return
    const [{ connect }, { BindingRunners }] = await Promise.all([
      import('../client/index.ts'),
      import('../bindings/binding-runners.ts'),
    ])
    const client = await connect(this)
    if (this.broker.draining || this.#closing !== undefined) await client.close()
    else {
      const connectionOf = (destination: string) => this.broker.buses.connections.connectionOf(destination)
      const privateTargets = this.#privateTargets
      this.#runners = new BindingRunners({ client, time: clock, privateTargets, connectionOf, onFault })
    }
  }

  /** What is under way may finish, within bounds; what does not is ended with the processes it runs in. */
  async #stopRunners(): Promise<void> {
    if (this.#runners === undefined) return
    await atMost(this.#runners.close(), this.broker.limits.drainMillisMax, this.broker.wall)
  }

  async #close(): Promise<void> {
    this.#door?.listener.stop()
    await this.#stopRunners()
    await this.broker.drain()
    await this.#door?.answered()
    await this.#door?.listener.close(connectionGraceMillis)
    await this.#door?.close()
    await this.broker.close()
  }
}

/** Resolves when `work` is done, or after `millis`. */
async function atMost(work: Promise<void>, millis: number, clock: Clock): Promise<void> {
  const late = new Promise<void>((resolve) => {
    const timer = clock.after(millis, resolve)
    work.finally(() => timer.cancel()).catch(resolve)
  })
  await Promise.race([work, late])
}

/** What a start comes to. */
interface Opened {
  readonly broker: Broker
  readonly endpoint: Endpoint
  readonly door: Door | undefined
  readonly embedded: Map<string, EmbeddedHandler>
  readonly privateTargets: boolean
}

/** The socket side of a broker that listens. */
interface Door {
  readonly listener: Listener
  /** Resolves when all calls are answered, or when that took too long. */
  answered(): Promise<void>
  /** Lets go of connections to others. */
  close(): Promise<void>
}

/** How long connections have, once all their streams were ended, to say goodbye. */
const connectionGraceMillis = 500

async function openStore(options: MainOptions, bounds: Limits): Promise<Store> {
  if (options.memory === true) {
    const { MemoryStore } = await import('./store/memory.ts')
    return new MemoryStore()
  }
  const { LmdbStore } = await import('./store/lmdb.ts')
  return LmdbStore.open(options.data ?? 'data', {
    segmentBytes: bounds.segmentBytesMax,
    openSegments: bounds.openSegmentsMax,
  })
}

async function listen(options: MainOptions, broker: Broker, dispatch: Dispatch): Promise<Door | undefined> {
  if (options.port === undefined) return undefined
  const [
    { Listener },
    { RequestHandler },
    { Authorization },
    { AwsHandler },
    { Origins },
    { Sockets },
    { ClientScript },
    { Console },
    { IntegrationCalls },
  ] = await Promise.all([
    import('./server/listener.ts'),
    import('./server/http-request.ts'),
    import('./server/authorization.ts'),
    import('./server/aws-handler.ts'),
    import('./server/origins.ts'),
    import('./server/sockets.ts'),
    import('./server/client-script.ts'),
    import('./server/console.ts'),
    import('./api/apigateway/integration-calls.ts'),
  ])
  const aws = new AwsHandler(broker, () => openAwsDoor(options, broker))
  const { host = '127.0.0.1', port, tls } = options
  const { limits: bounds, wall: clock } = broker
  const authorization = new Authorization({ token: options.token, grants: options.grants, open: isOpen(options) })
  const origins = new Origins(options.allowOrigins, isLoopback(options))
  const script = new ClientScript(new URL('../client/browser-bundle.js', import.meta.url))
  // The console's files are what browsers run, and are not compiled.
  const console = new Console(new URL('../../broker/server/console/', import.meta.url))
  const handler = new RequestHandler(broker, dispatch, { authorization, origins, aws, script, console })
  const calls = new IntegrationCalls(() => aws.opened(), openHttp(options))
  const sockets = new Sockets(broker, dispatch, { authorization, origins, calls })
  const listener = await Listener.open({ host, port, tls, limits: bounds, clock }, handler, sockets)
  const answered = () =>
    new Promise<void>((resolve) => {
      const timer = clock.after(bounds.drainMillisMax, resolve)
      Promise.all([handler.idle(), sockets.idle()]).then(() => {
        timer.cancel()
        resolve()
      })
    })
  // Loaded when requests are taken already; AWS's wait for it, should they come before.
  aws.warm().catch(broker.onFault)
  return { listener, answered, close: () => calls.close() }
}

async function openAwsDoor(options: MainOptions, broker: Broker): Promise<AwsDoor> {
  const [{ AwsDoor }, { Registry }, { awsServices }, { Signatures }] = await Promise.all([
    import('./api/aws/door.ts'),
    import('./api/aws/request.ts'),
    import('./api/aws/services.ts'),
    import('./api/sigv4.ts'),
  ])
  const secrets = new Map(Object.entries(options.awsCredentials ?? {}))
  const access = secrets.size > 0 ? new Signatures(secrets, broker.clock) : isOpen(options) ? 'open' : 'closed'
  return new AwsDoor(broker, new Registry(awsServices), access)
}

function clockOf({ clock = 'real' }: MainOptions): Clock {
  if (typeof clock !== 'string') return clock
  return clock === 'manual' ? new ManualClock() : new RealClock()
}

/** Whether whoever reaches this broker may use it: only this machine can, or it was said so. */
function isOpen(options: MainOptions): boolean {
  return options.insecure === true || isLoopback(options)
}

/** Whether HTTP targets may be on this machine and its network: by default, only where nobody else says what they are. */
function mayPrivate({ privateTargets, port, ...options }: MainOptions): boolean {
  return privateTargets ?? (port === undefined || isLoopback(options))
}

/** Opens what calls endpoints, once an integration has one. */
function openHttp(options: MainOptions): () => Promise<HttpTarget> {
  return async () => {
    const { HttpTarget } = await import('../bindings/http-target.ts')
    return new HttpTarget(mayPrivate(options))
  }
}

/** Whether only this machine reaches it. */
function isLoopback({ host = '127.0.0.1' }: MainOptions): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

function requireSafeAddress(options: MainOptions): void {
  const { host = '', port, token, grants, awsCredentials } = options
  const guarded = token !== undefined || grants !== undefined || awsCredentials !== undefined
  if (port !== undefined && !isOpen(options) && !guarded) {
    throw new MillraceError('unsafe_address', { host })
  }
}
