import type { Log } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import { positionAtTime } from '../log/positions.ts'
import type { Shard, TailListener } from '../log/shard.ts'
import type { TailRun } from '../log/tail.ts'
import { MillraceError } from '../wire/errors.ts'
import type { MessageExtras } from '../wire/queue-message.ts'
import { type Picked, QueueDelivery, type Taker } from './queue-delivery.ts'
import { packEntry, type QueueEntry } from './queue-entries.ts'
import { messageId, packHandle } from './queue-handle.ts'
import { QueueInventory } from './queue-inventory.ts'
import { queueOwner } from './queue-journal.ts'
import { buryMessages } from './queue-moving.ts'
import { QueueReader, type StoredMessage } from './queue-reader.ts'
import { type ReceiveOptions, Receiver } from './queue-receiver.ts'
import { type OutgoingMessage, QueueSender, type SendResult } from './queue-sender.ts'
import type { QueueSettings } from './queue-settings.ts'
import { type SettleRequest, settleMessages } from './queue-settling.ts'
import { takeUpSealed } from './queue-start.ts'
import type { Held, QueueState } from './queue-state.ts'
import type { MoveTaskRecord } from './queue-task.ts'
import { MoveTasks } from './queue-task-runner.ts'

/** What the catalog keeps of a queue. */
export interface QueueRecord {
  readonly name: string
  /** The number of its log. */
  readonly number: number
  readonly createdAt: number
  readonly changedAt: number
  /** 16 random bytes in hex, which its message ids are made from. */
  readonly seed: string
  readonly settings: QueueSettings
}

/** A message as a receiver gets it. */
export interface ReceivedMessage {
  readonly id: string
  /** What deletes it, or changes its visibility. */
  readonly handle: string
  readonly sequence: number
  /** A window on a buffer that others use too: not to be changed. */
  readonly body: Uint8Array
  readonly group: string | undefined
  readonly deduplicationId: string | undefined
  readonly attributes: MessageExtras['attributes']
  readonly trace: string | undefined
  /** The queue whose dead letter it is. */
  readonly source: string | undefined
  readonly sentAt: number
  /** This receive included. */
  readonly receives: number
  readonly firstReceivedAt: number
}

/** A message that was looked at, not received. */
export type PeekedMessage = Omit<ReceivedMessage, 'handle'> & { readonly state: 'visible' | 'in flight' | 'delayed' }

export interface QueueDescription {
  readonly name: string
  readonly number: number
  readonly createdAt: number
  readonly changedAt: number
  readonly settings: QueueSettings
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

/** A message, and what is known of its receives. */
export interface GivenOut {
  readonly held: Pick<Held, 'identity' | 'count' | 'firstReceivedAt'>
  readonly message: StoredMessage
}

/** What a queue needs of the others. */
export interface QueueNeighbours {
  /** The queue that takes its dead letters, if there is one now. */
  find(name: string): Queue | undefined
  /** A move task of this queue ended. */
  redriven(queue: Queue, task: MoveTaskRecord): void
  /** This queue's reader read something: whoever reads least lets go of what it has. */
  readerUsed(reader: QueueReader): void
}

/** A queue: a log with one shared cursor, and messages in flight. */
export class Queue implements TailListener {
  readonly log: Log
  readonly logs: Logs
  readonly inventory: QueueInventory
  readonly reader: QueueReader
  readonly delivery: QueueDelivery
  record: QueueRecord
  /** When it was purged last, since the start. */
  purgedAt: number | undefined
  readonly #seed: Buffer
  /** What makes messages ready for this queue, for who appends them together with others. */
  readonly sender: QueueSender
  readonly receiver: Receiver
  readonly tasks: MoveTasks
  readonly #neighbours: QueueNeighbours

  constructor(record: QueueRecord, log: Log, logs: Logs, state: QueueState, neighbours: QueueNeighbours) {
    this.record = record
    this.log = log
    this.logs = logs
    this.#seed = Buffer.from(record.seed, 'hex')
    this.#neighbours = neighbours
    const { limits, clock } = logs
    this.reader = new QueueReader(logs, this.shard, () => neighbours.readerUsed(this.reader))
    this.inventory = new QueueInventory(state, {
      fifo: record.settings.fifo,
      end: () => this.shard.next,
      delay: () => this.settings.delayMillis,
      limits,
    })
    const self = this
    this.delivery = new QueueDelivery(
      {
        name: record.name,
        fifo: record.settings.fifo,
        clock,
        limits,
        get visibilityMillis() {
          return self.settings.visibilityMillis
        },
        get retentionMillis() {
          return self.settings.retentionMillis
        },
        get maxReceives() {
          return self.deadLetterQueue === undefined ? undefined : self.settings.deadLetter?.maxReceives
        },
        writeLeases: (held) => this.write({ kind: 'lease', rows: held }),
        writeExpired: (identities) => this.#writeExpired(identities),
        bury: (picked) => this.#bury(picked),
      },
      this.inventory,
      this.reader,
    )
    this.sender = new QueueSender(logs, log, this)
    this.receiver = new Receiver(this)
    this.tasks = new MoveTasks(this, neighbours)
    this.shard.listeners.add(this)
  }

  /** Completes what a start could not know, and goes on with what was under way. Called once, before anything else. */
  async open(): Promise<void> {
    await takeUpSealed(this)
    this.tasks.resume()
  }

  get name(): string {
    return this.record.name
  }

  get number(): number {
    return this.log.number
  }

  get settings(): QueueSettings {
    return this.record.settings
  }

  get state(): QueueState {
    return this.inventory.state
  }

  get shard(): Shard {
    return this.log.shard(0)
  }

  /** The queue that takes its dead letters, if there is one now. */
  get deadLetterQueue(): Queue | undefined {
    const target = this.settings.deadLetter?.queue
    return target === undefined ? undefined : this.#neighbours.find(target)
  }

  messageId(identity: number): string {
    return messageId(this.#seed, identity)
  }

  /** Sends messages; each has an outcome of its own, in the order given. See QueueSender. */
  send(messages: readonly OutgoingMessage[]): Promise<SendResult[]> {
    return this.sender.send(messages)
  }

  /**
   * Receives up to `max` messages, waiting for the first one as long as asked.
   * @throws in_flight_limit, queue_not_found when it is deleted meanwhile
   */
  receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    return this.receiver.receive(options)
  }

  /** Serves `taker` whenever it wants messages, until `leave`. */
  serve(taker: Taker): void {
    this.delivery.add(taker)
  }

  /** Ends serving `taker`. */
  leave(taker: Taker): void {
    this.delivery.remove(taker)
  }

  /**
   * Deletes messages or changes their visibility; resolves, when all is durable, with an error or undefined for each. Errors of
   * single requests: handle_invalid, handle_expired, not_in_flight, message_gone, visibility_too_long.
   */
  settle(requests: readonly SettleRequest[]): Promise<(MillraceError | undefined)[]> {
    return settleMessages(this, requests)
  }

  /** Deletes all messages that are in it now. */
  async purge(): Promise<void> {
    this.purgedAt = this.logs.clock.now()
    await this.#raise(this.shard.next, true)
  }

  /** Counts and settings as they are now. */
  async describe(): Promise<QueueDescription> {
    await this.expire()
    const now = this.logs.clock.now()
    this.inventory.settle(now)
    const { name, number, createdAt, changedAt, settings } = this.record
    return { name, number, createdAt, changedAt, settings, ...(await this.#counts(now)) }
  }

  /** Drops what is older than the queue's retention, wherever it is. */
  async expire(): Promise<void> {
    const { first } = this.shard
    const cutoff = this.logs.clock.now() - this.settings.retentionMillis
    const floor = Math.max(first, await positionAtTime(this.logs, this.shard, cutoff + 1))
    if (floor > this.state.gone.floor) await this.#raise(floor, false)
    const late: number[] = []
    for (const identity of this.state.relocated.values()) {
      if ((this.state.held.get(identity)?.sentAt ?? cutoff + 1) <= cutoff) late.push(identity)
    }
    if (late.length > 0) this.#writeExpired(late)
  }

  /** Takes up a changed record, once the catalog has it. */
  configured(record: QueueRecord): void {
    this.record = record
    this.state.ids.byGroup = record.settings.deduplicationByGroup
    this.inventory.delayChanged()
    this.delivery.wake()
  }

  /** Writes a journal entry; resolves when it is durable. */
  write(entry: QueueEntry): Promise<void> {
    return this.logs.committer.journal(queueOwner, packEntry(this.number, entry))
  }

  /** A message as its receiver gets it. */
  received({ held, message }: GivenOut): ReceivedMessage {
    const { body, group, sent = message.time, extras } = message.envelope
    const deduplicationId = message.envelope.deduplicationId ?? extras?.deduplicationId
    const { identity, count, firstReceivedAt } = held
    return {
      id: extras?.id ?? this.messageId(identity),
      handle: packHandle(this.number, held),
      sequence: identity,
      body,
      group,
      deduplicationId,
      attributes: extras?.attributes,
      trace: extras?.trace,
      source: extras?.source,
      sentAt: sent,
      receives: count,
      firstReceivedAt,
    }
  }

  appended(run: TailRun): void {
    this.inventory.appended(run.frame)
    this.delivery.wake()
  }

  closed(): void {
    this.tasks.close()
    this.delivery.close(new MillraceError('queue_not_found', { queue: this.name }))
  }

  /** Ends it: whoever waits is told that the broker goes away. */
  close(): void {
    this.shard.listeners.delete(this)
    this.tasks.close()
    this.delivery.close(new MillraceError('draining'))
  }

  async #raise(floor: number, purge: boolean): Promise<void> {
    await this.write({ kind: 'floor', sequence: floor, purge })
    this.inventory.floor(floor, purge)
    this.delivery.wake()
  }

  async #counts(now: number): Promise<{ visible: number; inFlight: number; delayed: number }> {
    const counts = this.inventory.counts
    const { fifo, delayMillis } = this.settings
    if (!fifo || delayMillis === 0) return counts
    const young = await positionAtTime(this.logs, this.shard, now - delayMillis + 1)
    const { next } = this.shard
    const from = Math.max(young, this.inventory.order.cursor)
    let delayed = this.state.gone.missing(from, next, next - from)
    // What was received before a delay came into force is delayed no more.
    if (delayed > 0) for (const { sequence } of this.state.held.values()) if (sequence >= from) delayed--
    return { visible: counts.visible - delayed, inFlight: counts.inFlight, delayed }
  }

  #writeExpired(identities: readonly number[]): void {
    this.inventory.gone(identities)
    // Where it cannot be written they expire again after the next start.
    this.write({ kind: 'gone', identities }).catch(() => undefined)
  }

  async #bury(picked: readonly Picked[]): Promise<void> {
    const target = this.deadLetterQueue
    try {
      if (target !== undefined) await buryMessages(this, target, picked)
    } catch {
      // They stay, and come again when their visibility timeout is over; then burying is tried again.
      const visibleAt = this.logs.clock.now() + this.settings.visibilityMillis
      for (const { held } of picked) this.#stay(held, visibleAt)
    }
  }

  #stay(held: Held, visibleAt: number): void {
    held.visibleAt = visibleAt
    this.inventory.stay(held)
  }
}
