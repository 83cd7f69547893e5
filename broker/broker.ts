import { sourcesIn } from './binding-sources.ts'
import { Budget } from './budget.ts'
import type { Clock } from './clock.ts'
import { ManualClock } from './clock.ts'
import { destinationsIn } from './destinations.ts'
import { type EventBuses, openEventBuses } from './event-buses.ts'
import type { Limits } from './limits.ts'
import { Logs } from './log/logs.ts'
import { Retention } from './log/retention.ts'
import { AsyncInvocations } from './modes/async-invocations.ts'
import { Bindings } from './modes/bindings.ts'
import type { BusArchives } from './modes/bus-archives.ts'
import type { BusReplays } from './modes/bus-replays.ts'
import type { Buses } from './modes/buses.ts'
import { FanOut } from './modes/fan-out.ts'
import { Functions } from './modes/functions.ts'
import { QueueJournal } from './modes/queue-journal.ts'
import { Queues } from './modes/queues.ts'
import { Schedules } from './modes/schedules.ts'
import { ShardQuotas } from './modes/shard-quotas.ts'
import { SocketApis } from './modes/socket-apis.ts'
import { SocketConnections } from './modes/socket-connections.ts'
import { Consumers } from './modes/stream-consumers.ts'
import { Streams } from './modes/streams.ts'
import { Timetable } from './modes/timetable.ts'
import { TimetablePositions } from './modes/timetable-positions.ts'
import { Topics } from './modes/topics.ts'
import { Publications } from './publications.ts'
import { LocalScheduleTargets } from './schedule-targets.ts'
import { CodeStore } from './store/code-store.ts'
import type { Store } from './store/store.ts'
import { archivesIn } from './topic-archives.ts'
import { MillraceError } from './wire/errors.ts'
import type { FunctionHost } from './wire/function-host.ts'

export interface BrokerOptions {
  readonly store: Store
  readonly clock: Clock
  /** The clock for waiting on others: it moves on its own even where `clock` stands still. */
  readonly wall: Clock
  readonly limits: Limits
  /** Whether AWS's rate quotas apply. */
  readonly strict: boolean
  readonly version: string
  /** Bytes the log may take on disk. */
  readonly logBytesMax: number
  /** Where the code of functions is kept; in a temporary directory by default. */
  readonly codePath?: string
  /** Makes what runs functions, when the first is to be run. Without it none can be. */
  readonly openHost?: () => Promise<FunctionHost>
  /** Where clients on this machine reach it; links in what it sends lead there unless somebody came by another address. */
  readonly origin?: () => string
  /** Hears what goes wrong in the background and has nobody else to be told to. */
  readonly onFault: (error: unknown) => void
}

/** Something that goes on until either side ends it, and that a drain ends politely. */
export interface LongStream {
  /** Tells the other side that the broker is going away, and ends once nothing is under way. */
  drain(): void
}

interface Modes extends EventBuses {
  readonly publications: Publications
  readonly streams: Streams
  readonly queues: Queues
  readonly functions: Functions
  readonly bindings: Bindings
  readonly topics: Topics
  readonly socketApis: SocketApis
  readonly timetable: Timetable
  readonly schedules: Schedules
}

/** What every operation is handed: the modes, time, bounds, and whether the broker is going away. */
export class Broker {
  readonly logs: Logs
  /** What goes to several logs in one commit. */
  readonly publications: Publications
  readonly streams: Streams
  readonly queues: Queues
  readonly functions: Functions
  readonly bindings: Bindings
  readonly topics: Topics
  readonly buses: Buses
  readonly archives: BusArchives
  readonly replays: BusReplays
  readonly socketApis: SocketApis
  /** Clients of those that are connected now. */
  readonly socketConnections = new SocketConnections()
  /** Everything that happens by the clock. */
  readonly timetable: Timetable
  readonly schedules: Schedules
  readonly clock: Clock
  readonly wall: Clock
  readonly limits: Limits
  readonly strict: boolean
  /** AWS's rate quotas; only when `strict`. */
  readonly quotas: ShardQuotas | undefined
  /** Who reads by enhanced fan-out. */
  readonly fanOut: FanOut
  /** Of this package. */
  readonly version: string
  readonly onFault: (error: unknown) => void
  /** Where clients on this machine reach it. */
  readonly origin: () => string
  /** What has come of bodies and frames that are not whole yet, and of bodies that are being worked on. */
  readonly unfinished: Budget
  readonly #store: Store
  readonly #retention: Retention
  readonly #longStreams = new Set<LongStream>()
  readonly #waits = new Set<AbortController>()
  readonly #drainController = new AbortController()
  #empty: (() => void) | undefined

  private constructor(options: BrokerOptions, logs: Logs, modes: Modes) {
    this.logs = logs
    this.publications = modes.publications
    this.streams = modes.streams
    this.queues = modes.queues
    this.functions = modes.functions
    this.bindings = modes.bindings
    this.topics = modes.topics
    this.buses = modes.buses
    this.archives = modes.archives
    this.replays = modes.replays
    this.socketApis = modes.socketApis
    this.timetable = modes.timetable
    this.schedules = modes.schedules
    this.clock = options.clock
    this.wall = options.wall
    this.limits = options.limits
    this.strict = options.strict
    this.quotas = options.strict ? new ShardQuotas(options.clock) : undefined
    this.fanOut = new FanOut(options.clock, options.limits.fanOutIntervalMillisMin)
    this.version = options.version
    this.onFault = options.onFault
    this.origin = options.origin ?? (() => defaultOrigin)
    this.unfinished = new Budget(options.limits.unfinishedBytesMax)
    this.#store = options.store
    this.#retention = new Retention(logs, options.logBytesMax, options.onFault)
  }

  /** Reads what the store holds and is ready for operations. */
  static async open(options: BrokerOptions): Promise<Broker> {
    const consumers = new Consumers()
    const async = new AsyncInvocations()
    const positions = new TimetablePositions()
    const { store, clock, limits, wall, onFault } = options
    const journal = await QueueJournal.open(store, limits, clock)
    const logs = await Logs.open({ store, clock, limits, owners: [consumers, journal, async, positions] })
    const streams = await Streams.open(logs, consumers)
    const queues = await Queues.open(logs, journal)
    const code = new CodeStore(options.codePath, {
      bytesMax: limits.functionUnzippedBytesMax,
      entriesMax: limits.functionFilesMax,
    })
    const { openHost = noHost } = options
    const functions = await Functions.open({ store, code, clock, limits, openHost, async })
    const bindings = await Bindings.open(store, clock, limits, sourcesIn(streams, queues))
    const publications = new Publications({ logs, streams, queues, onBegun: () => bindings.touch() })
    const timetable = new Timetable({ clock, wall, positions, publication: () => publications.begin(), onFault })
    const topics = await Topics.open({
      ...{ store, clock, limits, strict: options.strict, bindings },
      publication: () => publications.begin(),
      archives: archivesIn(logs, queues),
    })
    const shared = { queues, bindings, topics }
    const events = await openEventBuses({ ...shared, logs, streams, publications, timetable, onFault })
    const socketApis = await SocketApis.open(store, limits)
    async.attach({
      logs,
      run: (target, input) => functions.invoke(target, input),
      config: (target) => functions.asyncConfig(target),
      deliver: destinationsIn({ ...shared, ...events, streams, functions }),
      onFault,
    })
    const targets = new LocalScheduleTargets({ ...shared, functions, buses: events.buses })
    const schedules = await Schedules.open({ store, clock, limits, timetable, targets, onFault })
    const modes = { ...shared, ...events, publications, streams, functions, socketApis, timetable, schedules }
    return new Broker(options, logs, modes)
  }

  /** Fires when the broker begins to go away: whatever waits, stops waiting. */
  get drained(): AbortSignal {
    return this.#drainController.signal
  }

  get draining(): boolean {
    return this.drained.aborted
  }

  /** @throws draining when the broker takes no new long streams any more */
  requireTaking(): void {
    if (this.draining) throw new MillraceError('draining')
  }

  /**
   * Counts a long stream in until `remove` is called.
   * @throws draining
   */
  add(stream: LongStream): void {
    this.requireTaking()
    this.#longStreams.add(stream)
  }

  remove(stream: LongStream): void {
    this.#longStreams.delete(stream)
    if (this.#longStreams.size === 0) this.#empty?.()
  }

  /**
   * Runs `wait` with a signal that fires when `signal` does, or when the broker begins to go away. AbortSignal.any is no way to have that:
   * a signal that lives as long as the broker would remember every other it was ever joined with.
   */
  async waiting<T>(signal: AbortSignal, wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const either = new AbortController()
    const abort = () => either.abort()
    if (signal.aborted || this.draining) abort()
    signal.addEventListener('abort', abort)
    this.#waits.add(either)
    try {
      return await wait(either.signal)
    } finally {
      signal.removeEventListener('abort', abort)
      this.#waits.delete(either)
    }
  }

  /** How many append sessions and subscriptions are open. */
  get longStreams(): number {
    return this.#longStreams.size
  }

  /** Ends what is open, politely, and resolves when all is ended or `limits.drainMillisMax` have passed. */
  async drain(): Promise<void> {
    if (!this.draining) this.#drainController.abort()
    for (const wait of this.#waits) wait.abort()
    for (const stream of [...this.#longStreams]) stream.drain()
    if (this.#longStreams.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = this.wall.after(this.limits.drainMillisMax, resolve)
      this.#empty = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /**
   * Moves the manual clock on; resolves when what was scheduled meanwhile is published.
   * @throws clock_not_manual
   */
  async advance(millis: number): Promise<void> {
    if (!(this.clock instanceof ManualClock)) throw new MillraceError('clock_not_manual')
    await this.schedules.ready()
    await this.clock.advance(millis)
    await this.timetable.idle()
  }

  /** Drains, waits for what was taken in, and closes the store. */
  async close(): Promise<void> {
    await this.drain()
    await this.#retention.close()
    await this.schedules.close()
    await this.functions.close()
    await this.replays.close()
    this.topics.close()
    this.streams.close()
    this.queues.close()
    await this.logs.close()
    await this.#store.close()
  }
}

const defaultOrigin = 'http://127.0.0.1:4566'

async function noHost(): Promise<FunctionHost> {
  throw new MillraceError('internal', { reason: 'this broker was started without a host for functions' })
}
