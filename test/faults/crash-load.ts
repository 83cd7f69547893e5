import { FrameSink, type FrameTarget } from '../../broker/log/frame-sink.ts'
import { Retention } from '../../broker/log/retention.ts'
import type { Stream } from '../../broker/modes/stream.ts'
import { visitRecords } from '../../broker/modes/stream-records.ts'
import type { Store } from '../../broker/store/store.ts'
import { framesOf, frameTypes } from '../../broker/wire/frame.ts'
import { type Floors, openFloors } from '../log/harness.ts'
import { Random } from '../random.ts'
import { blockOf } from './crash-blocks.ts'
import type { BlockName, JournalLine } from './crash-journal.ts'

/** Bounds small enough that segments are sealed and removed many times in a few hundred commits. */
export const crashBounds = { segmentBytesMax: 40_000, segmentCommitsMax: 25, tailBytesMax: 8_192 }
const logBytesMax = 250_000
const producers = [11, 22, 33]

export interface CrashLoadOptions {
  readonly rounds: number
  readonly seed: number
  /** Opens the store, again and again. */
  open(): Promise<Store>
  note(line: JournalLine): void
}

/**
 * What a broker does on a busy day, in small: producers of several streams at once, consumers' checkpoints, live readers, splits,
 * sealing, retention, and restarts. Every acknowledgement is noted the moment it comes.
 */
export async function runCrashLoad(options: CrashLoadOptions): Promise<void> {
  const load = new CrashLoad(options)
  await load.open()
  for (let round = 0; round < options.rounds; round++) await load.round()
  await load.close()
}

class CrashLoad {
  readonly #options: CrashLoadOptions
  readonly #random: Random
  readonly #sequences = new Map<string, number>()
  readonly #underWay = new Set<Promise<void>>()
  #floors: Floors | undefined
  #retention: Retention | undefined
  #checkpoint = 0

  constructor(options: CrashLoadOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  async open(): Promise<void> {
    const floors = await openFloors(await this.#options.open(), crashBounds)
    this.#floors = floors
    this.#retention = new Retention(floors.logs, logBytesMax, (error) => {
      throw error
    })
    for (const [name, shards] of [
      ['wide', 3],
      ['narrow', 1],
    ] as const)
      await this.#take(floors, name, shards)
  }

  async close(): Promise<void> {
    await Promise.all(this.#underWay)
    await this.#retention?.close()
    await this.#floors?.close()
  }

  async round(): Promise<void> {
    const random = this.#random
    const { streams } = this.#floors as Floors
    for (let blocks = random.between(1, 8); blocks > 0; blocks--) {
      const stream = random.oneIn(3) ? streams.get('narrow') : streams.get('wide')
      this.#start(this.#append(stream))
      if (random.oneIn(3)) await new Promise((resolve) => setImmediate(resolve))
    }
    if (random.oneIn(3)) this.#start(this.#moveCheckpoint(streams.get('narrow')))
    if (random.oneIn(2)) await Promise.all(this.#underWay)
    if (random.oneIn(12)) await this.#retain()
    if (random.oneIn(40)) await this.#split(streams.get('wide'))
    if (random.oneIn(25)) {
      await this.close()
      await this.open()
    }
  }

  async #take(floors: Floors, name: string, shards: number): Promise<void> {
    const known = floors.streams.list().some((stream) => stream.name === name)
    const stream = known ? floors.streams.get(name) : await floors.streams.create(name, { shards })
    if (!known) this.#options.note({ did: 'create', stream: name, shards })
    await stream.subscribe({ from: 'latest' }, new FrameSink(new NotingReader(name, this.#options.note), floors.clock))
  }

  #start(work: Promise<void>): void {
    this.#underWay.add(work)
    work.finally(() => this.#underWay.delete(work))
  }

  async #append(stream: Stream): Promise<void> {
    const { number: shard } = this.#random.pick(stream.log.openShards)
    const producer = this.#random.pick(producers)
    const counter = `${stream.name}/${shard}/${producer}`
    const sequence = this.#sequences.get(counter) ?? 0
    this.#sequences.set(counter, sequence + 1)
    const name: BlockName = { stream: stream.name, shard, producer, sequence }
    await new Promise<void>((resolve, reject) => {
      stream.append(shard, blockOf(name), {
        committed: (base) => {
          this.#options.note({ did: 'ack', base, ...name })
          resolve()
        },
        failed: reject,
      })
    })
  }

  async #moveCheckpoint(stream: Stream): Promise<void> {
    const line = { stream: stream.name, next: ++this.#checkpoint }
    this.#options.note({ did: 'ask checkpoint', ...line })
    await stream.checkpoint('consumer', new Map([[0, { next: line.next }]]))
    this.#options.note({ did: 'checkpoint', ...line })
  }

  async #retain(): Promise<void> {
    const { streams } = this.#floors as Floors
    const below: Record<string, number> = {}
    for (const stream of streams.list()) {
      for (const shard of stream.log.shards.values()) below[`${stream.name}/${shard.number}`] = shard.next
    }
    this.#options.note({ did: 'retention', below })
    await this.#retention?.run()
  }

  async #split(stream: Stream): Promise<void> {
    await Promise.all(this.#underWay)
    await stream.split(this.#random.pick(stream.log.openShards).number)
    this.#options.note({ did: 'split', stream: stream.name, shards: stream.log.nextShard })
  }
}

/** A reader that notes every record it is handed. */
class NotingReader implements FrameTarget {
  readonly #stream: string
  readonly #note: (line: JournalLine) => void

  constructor(stream: string, note: (line: JournalLine) => void) {
    this.#stream = stream
    this.#note = note
  }

  write(frames: Uint8Array): boolean {
    for (const { type, shard, bytes } of framesOf(frames)) {
      if (type !== frameTypes.blocks) continue
      visitRecords(bytes, 0, (reader, sequence) => {
        this.#note({ did: 'see', stream: this.#stream, shard, sequence, key: reader.key() })
        return true
      })
    }
    return true
  }

  end(): void {
    // A restart ends it; nothing is to be noted of that.
  }
}
