import { randomBytes } from 'node:crypto'
import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import type { TableChange } from '../store/store.ts'
import { MillraceError } from '../wire/errors.ts'
import { Queue, type QueueRecord } from './queue.ts'
import { type QueueJournal, queueOwner } from './queue-journal.ts'
import type { QueueReader } from './queue-reader.ts'
import { defaultSettings, type QueueSettings } from './queue-settings.ts'
import type { MoveTaskRecord } from './queue-task.ts'

/**
 * What the names of hidden queues begin with, which no user's can: they hold what is on its way to functions and HTTP endpoints, and belong to
 * the route that it takes.
 */
const hiddenMark = '~'

/** All queues of a broker, by name; hidden ones are found by `hidden` alone. */
export class Queues {
  /** Told when a move task of a queue ended. */
  readonly redriven = new Set<(queue: Queue, task: MoveTaskRecord) => void>()
  readonly #logs: Logs
  readonly #journal: QueueJournal
  readonly #queues = new Map<string, Queue>()
  readonly #creating = new Map<string, Promise<Queue>>()
  /** Those that read from the store last, the last one at the end. */
  readonly #readers = new Set<QueueReader>()
  #changing: Promise<unknown> = Promise.resolve()
  #hiddenCount = 0

  private constructor(logs: Logs, journal: QueueJournal) {
    this.#logs = logs
    this.#journal = journal
  }

  /** Takes up the queues the catalog knows. `journal` must be among the owners `logs` was opened with. */
  static async open(logs: Logs, journal: QueueJournal): Promise<Queues> {
    const queues = new Queues(logs, journal)
    for (const record of journal.records.values()) {
      const log = logs.logs.get(record.number)
      if (log !== undefined) queues.#add(record, log)
    }
    for (const queue of queues.#queues.values()) await queue.open()
    return queues
  }

  /**
   * Creates a queue; settings that are left out have their defaults. Where one of that name exists, or is just being
   * created, it is returned if `accept` lets it pass.
   * @throws queue_exists when there is no `accept`, limit_exceeded, dead_letter_invalid, and what `accept` throws
   */
  async create(name: string, settings: Partial<QueueSettings> = {}, accept?: (queue: Queue) => void): Promise<Queue> {
    const coming = this.#creating.get(name)
    const there = coming === undefined ? this.#queues.get(name) : await coming
    if (there !== undefined) {
      if (accept === undefined) throw new MillraceError('queue_exists', { queue: name, setting: 'owner' })
      accept(there)
      return there
    }
    const all = { ...defaultSettings(this.#logs.limits), ...settings }
    this.#requireDeadLetter(name, all)
    const creating = this.#create(name, all)
    this.#creating.set(name, creating)
    try {
      return await creating
    } finally {
      this.#creating.delete(name)
    }
  }

  /** @throws queue_not_found */
  get(name: string): Queue {
    const queue = this.find(name)
    if (queue === undefined) throw new MillraceError('queue_not_found', { queue: name })
    return queue
  }

  find(name: string): Queue | undefined {
    return isHidden(name) ? undefined : this.#queues.get(name)
  }

  /** All of them, by name. */
  list(): Queue[] {
    const shown = [...this.#queues.values()].filter(({ name }) => !isHidden(name))
    return shown.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The hidden queue of that name, if it was needed yet. */
  hidden(name: string): Queue | undefined {
    return isHidden(name) ? this.#queues.get(name) : undefined
  }

  /**
   * The hidden queue of that name, made when it is needed for the first time.
   * @throws limit_exceeded
   */
  async needHidden(name: string, settings: Partial<QueueSettings> = {}): Promise<Queue> {
    const { limits } = this.#logs
    if (!isHidden(name)) throw new MillraceError('internal', { reason: `${name} is no hidden queue` })
    const retentionMillis = limits.hiddenQueueRetentionMillis
    // What an event comes to may be larger than what it was made of.
    const messageBytesMax = limits.recordBytesMax
    return this.create(
      name,
      { retentionMillis, messageBytesMax, visibilityMillis: 60_000, ...settings },
      () => undefined,
    )
  }

  /** Changes what was chosen about a hidden queue. */
  async configureHidden(name: string, settings: Partial<QueueSettings>): Promise<void> {
    await this.#exclusively(async () => {
      const queue = this.hidden(name)
      if (queue !== undefined) await this.#configure(queue, { ...queue.settings, ...settings })
    })
  }

  /** Deletes a hidden queue and what it holds, if there is one. */
  async deleteHidden(name: string): Promise<void> {
    await this.#exclusively(async () => {
      const queue = this.hidden(name)
      if (queue !== undefined) await this.#delete(queue)
    })
  }

  /** The queues whose dead letters `name` takes. */
  sourcesOf(name: string): Queue[] {
    return this.list().filter((queue) => queue.settings.deadLetter?.queue === name)
  }

  /**
   * Changes settings as `change` says; those of one queue change one after another.
   * @throws queue_not_found, dead_letter_invalid, and what `change` throws
   */
  configure(name: string, change: (settings: QueueSettings) => QueueSettings): Promise<Queue> {
    return this.#exclusively(async () => {
      const queue = this.get(name)
      const settings = change(queue.settings)
      if (settings.deadLetter !== queue.settings.deadLetter) this.#requireDeadLetter(name, settings)
      await this.#configure(queue, settings)
      return queue
    })
  }

  /**
   * Deletes a queue and its messages; whoever waits for some is told.
   * @throws queue_not_found
   */
  async delete(name: string): Promise<void> {
    await this.#exclusively(() => this.#delete(this.get(name)))
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close()
  }

  async #configure(queue: Queue, settings: QueueSettings): Promise<void> {
    const record: QueueRecord = { ...queue.record, settings, changedAt: this.#logs.clock.now() }
    await this.#logs.store.put([queueChange(record)])
    queue.configured(record)
  }

  async #delete(queue: Queue): Promise<void> {
    await this.#logs.delete(queue.log, [{ key: queueKey(queue.name), value: undefined }])
    if (isHidden(queue.name)) this.#hiddenCount--
    this.#queues.delete(queue.name)
    this.#readers.delete(queue.reader)
    this.#journal.forget(queue.number)
  }

  async #create(name: string, settings: QueueSettings): Promise<Queue> {
    const { limits, clock } = this.#logs
    const limit = isHidden(name) ? limits.hiddenQueuesMax : limits.queuesMax
    const count = isHidden(name) ? this.#hiddenCount : this.#queues.size - this.#hiddenCount
    if (count + this.#creating.size >= limit) {
      throw new MillraceError('limit_exceeded', { what: 'The number of queues', limit })
    }
    const now = clock.now()
    const seed = randomBytes(16).toString('hex')
    const record = (number: number) => ({ name, number, createdAt: now, changedAt: now, seed, settings })
    const kept = { retentionMillis: settings.retentionMillis, recordBytesMax: limits.recordBytesMax }
    const log = await this.#logs.create(name, 1, kept, (number) => [queueChange(record(number))], queueOwner)
    return this.#add(record(log.number), log)
  }

  /** The dead-letter queue must be there, of the same kind, and take letters of this one. */
  #requireDeadLetter(name: string, { deadLetter, fifo }: QueueSettings): void {
    if (deadLetter === undefined) return
    const target = this.find(deadLetter.queue)
    const { redriveAllow: allow } = target?.settings ?? {}
    const denied = allow?.permission === 'none' || (allow?.permission === 'named' && !allow.sources.includes(name))
    const reason =
      target === undefined
        ? 'it does not exist'
        : target.settings.fifo !== fifo
          ? 'one is FIFO and the other is not'
          : denied
            ? 'its redrive allow policy does not permit it'
            : undefined
    if (reason !== undefined) {
      throw new MillraceError('dead_letter_invalid', { target: deadLetter.queue, queue: name, reason })
    }
  }

  #add(record: QueueRecord, log: Log): Queue {
    const state = this.#journal.stateOf(log.number)
    state.ids.byGroup = record.settings.deduplicationByGroup
    const queue = new Queue(record, log, this.#logs, state, {
      find: (name) => this.#queues.get(name),
      readerUsed: (reader) => this.#used(reader),
      redriven: (queue, task) => {
        for (const listener of this.redriven) listener(queue, task)
      },
    })
    this.#queues.set(record.name, queue)
    if (isHidden(record.name)) this.#hiddenCount++
    this.#journal.queues.set(log.number, queue)
    return queue
  }

  /** Only so many queues keep what they read at hand. */
  #used(reader: QueueReader): void {
    this.#readers.delete(reader)
    this.#readers.add(reader)
    if (this.#readers.size <= this.#logs.limits.queueReadersMax) return
    const [oldest] = this.#readers
    if (oldest === undefined) return
    this.#readers.delete(oldest)
    oldest.release()
  }

  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(change)
    // Its caller hears of a change that failed; the next one is made all the same.
    this.#changing = result.catch(() => undefined)
    return result
  }
}

function isHidden(name: string): boolean {
  return name.startsWith(hiddenMark)
}

function queueKey(name: string): string {
  return `queue/${name}`
}

function queueChange(record: QueueRecord): TableChange {
  return { key: queueKey(record.name), value: new TextEncoder().encode(JSON.stringify(record)) }
}
