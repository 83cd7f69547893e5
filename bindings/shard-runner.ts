import { createHash } from 'node:crypto'
import { consumerOfBinding, type StreamBinding } from '../broker/wire/binding.ts'
import { MillraceError } from '../broker/wire/errors.ts'
import type { SequenceOwner } from '../broker/wire/sequence.ts'
import type { Client, From } from '../client/index.ts'
import { type BatchDeliveryContext, deliverBatch } from './batch-delivery.ts'
import { KinesisEvents, type PendingRecord } from './kinesis-event.ts'
import { Lane } from './lane.ts'
import type { RecordFilter } from './record-filter.ts'
import type { Targets } from './targets.ts'
import { sleep, type Time } from './time.ts'
import { TumblingWindow } from './tumbling-window.ts'

const saveAgainMillis = 1_000

export interface ShardRunnerOptions {
  readonly client: Client
  readonly targets: Targets
  readonly time: Time
  readonly binding: StreamBinding
  readonly filter: RecordFilter
  readonly owner: SequenceOwner
  readonly from: From
  readonly signal: AbortSignal
  readonly report: (result: string, error?: string) => void
}

/** Works one shard of a stream for a binding: reads it, has its records handled in order, and keeps the position behind those done with. */
export class ShardRunner {
  readonly #options: ShardRunnerOptions
  #lanes: readonly Lane[] = []
  /** Where the binding has tumbling windows. */
  #window: TumblingWindow | undefined
  /** The sequence behind the last record that was read. */
  #read = -1
  #saved = -1
  #saving: Promise<void> | undefined
  /** The position that is being saved, or was last. */
  #savingTo = -1
  #wakes: (() => void)[] = []

  constructor(options: ShardRunnerOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#wakeReader())
  }

  /**
   * Runs until the shard, if it is closed, is handled to its end, or the binding stops; true in the first case.
   * @throws what trying again cannot mend, such as stream_not_found
   */
  async run(): Promise<boolean> {
    const { client, binding, owner, from, signal } = this.#options
    await this.#open()
    const subscription = client
      .stream(binding.source.stream)
      .subscribe({ consumer: consumerOfBinding(binding.name), from, shards: [owner.shard], signal })
    try {
      for await (const batch of subscription) {
        for (const record of batch.records) {
          if (signal.aborted) break
          // What waits outlives the batch by far.
          if (this.#wants(record)) await this.#add({ ...record, data: record.data.slice() })
          if (!signal.aborted) this.#read = record.sequence + 1
        }
        if (signal.aborted) break
        this.#progressed()
      }
      if (!signal.aborted) await this.#finish()
    } finally {
      await subscription.close()
      await this.#idle()
      await this.#saveAll()
    }
    return !signal.aborted
  }

  async #open(): Promise<void> {
    const { client, binding, owner, targets, time, signal, report } = this.#options
    const { parallel, tumblingMillis } = binding.batch
    const { shard } = owner
    const events = new KinesisEvents(binding, owner)
    const context = { targets, time, binding, events, signal, report }
    if (tumblingMillis !== undefined) {
      const read = () => this.#read
      this.#window = await TumblingWindow.load({ ...context, client, shard, tumblingMillis, read })
    }
    this.#lanes = Array.from({ length: parallel }, () => this.#makeLane(context, this.#window))
  }

  #makeLane(context: Omit<BatchDeliveryContext, 'settled'>, window: TumblingWindow | undefined): Lane {
    const { binding, time, signal } = this.#options
    const common = { batch: binding.batch, time, signal, onProgress: () => this.#progressed() }
    if (window === undefined)
      return new Lane({
        ...common,
        handle: async (records, settled) => {
          await this.#keepUp()
          await deliverBatch({ ...context, settled }, records)
        },
      })
    return new Lane({
      ...common,
      windows: window,
      handle: async (records, settled) => {
        await window.begin(records)
        const keep = async (next: number) => {
          if (await window.keep(next)) settled(next)
        }
        await deliverBatch({ ...context, window, settled: keep }, records)
      },
    })
  }

  #wants(record: PendingRecord): boolean {
    if (this.#window?.has(record)) return false
    return this.#options.filter.wants(record.data, { partitionKey: record.key, kinesisSchemaVersion: '1.0' })
  }

  /** The shard was read to its end: with it ends the window that is open. */
  async #finish(): Promise<void> {
    await this.#idle()
    await this.#window?.close()
  }

  async #idle(): Promise<void> {
    for (const lane of this.#lanes) lane.end()
    await Promise.all(this.#lanes.map((lane) => lane.idle))
  }

  async #add(record: PendingRecord): Promise<void> {
    const lane = this.#laneOf(record.key)
    while (!lane.hasRoom && !this.#options.signal.aborted) await this.#nextProgress()
    if (!this.#options.signal.aborted) lane.add(record)
  }

  /** Records of one key go the same way, so that they stay in order. */
  #laneOf(key: string): Lane {
    const count = this.#lanes.length
    const number = count === 1 ? 0 : createHash('md5').update(key).digest().readUInt32BE(0) % count
    return this.#lanes[number] as Lane
  }

  /** Everything before this is done with. */
  get #done(): number {
    return this.#lanes.reduce((lowest, lane) => Math.min(lowest, lane.lowest ?? lowest), this.#read)
  }

  #progressed(): void {
    this.#wakeReader()
    if (this.#saving === undefined && this.#done > this.#saved) this.#saving = this.#save()
  }

  #wakeReader(): void {
    for (const wake of this.#wakes.splice(0)) wake()
  }

  #nextProgress(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve))
  }

  /** A slow disk holds up the batches that follow: a crash must not take the positions of more than the one that was done last. */
  async #keepUp(): Promise<void> {
    while (this.#saving !== undefined && this.#savingTo < this.#done && !this.#options.signal.aborted) {
      await this.#nextProgress()
    }
  }

  /** One checkpoint at a time: while one is under way, the next one's position grows. */
  async #save(): Promise<void> {
    const { client, binding, owner, time, signal } = this.#options
    try {
      for (let next = this.#done; next > this.#saved; next = this.#done) {
        this.#savingTo = next
        await client.stream(binding.source.stream).checkpoint(consumerOfBinding(binding.name), { [owner.shard]: next })
        this.#saved = next
        this.#wakeReader()
      }
    } catch (error) {
      // A broker that cannot write now is asked again; one whose stream is gone has nothing to keep.
      if (!(error instanceof MillraceError)) throw error
      if (error.retryable) await sleep(time, saveAgainMillis, signal)
    } finally {
      this.#saving = undefined
      this.#wakeReader()
    }
  }

  async #saveAll(): Promise<void> {
    await this.#saving
    if (this.#done > this.#saved) await this.#save()
  }
}
