import * as assert from 'uvu/assert'
import { acksOf } from '../../broker/wire/ack.ts'
import { blocksOf } from '../../broker/wire/block.ts'
import type { ErrorBody } from '../../broker/wire/errors.ts'
import { type Frame, frame, frameIntact, frameTypes, jsonPayload } from '../../broker/wire/frame.ts'
import { BlockWriter, BodyReader } from '../../broker/wire/record.ts'
import { within } from './harness.ts'
import type { FrameStream } from './raw-client.ts'

const writer = new BlockWriter()

/** A block of records with the same key. */
export function blockOf(data: readonly (string | Uint8Array)[], producer = 0, sequence = 0, key = 'k'): Uint8Array {
  for (const each of data) writer.add(key, typeof each === 'string' ? Buffer.from(each) : each)
  return writer.finish(producer, sequence).slice()
}

/** Blocks as what an append session is sent. */
export function blocksFrame(shard: number, ...blocks: readonly Uint8Array[]): Uint8Array {
  return frame(frameTypes.blocks, 0, shard, Buffer.concat(blocks))
}

/** What became of a block. */
export interface Outcome {
  readonly block: number
  /** Where its first record is; undefined when it was rejected. */
  readonly base: number | undefined
  readonly time: number | undefined
  readonly error: ErrorBody | undefined
}

/** A producer's side of an append session, made of frames and nothing of ours that thinks. */
export class RawProducer {
  readonly stream: FrameStream
  /** Outcomes in the order in which they came. */
  readonly outcomes: Outcome[] = []
  drained = false
  failure: ErrorBody | undefined
  /** Resolves when the session is over; rejects when it broke. */
  readonly over: Promise<void>
  #blocks = 0
  readonly #answered = new Set<number>()
  readonly #waiting = new Map<number, (outcome: Outcome) => void>()

  constructor(stream: FrameStream) {
    this.stream = stream
    this.over = this.#read()
    this.over.catch(() => undefined)
  }

  /** Sends one block in one frame; resolves with what became of it. */
  append(shard: number, block: Uint8Array): Promise<Outcome> {
    return this.appendAll(shard, [block])[0] as Promise<Outcome>
  }

  /** Sends several blocks in one frame. */
  appendAll(shard: number, blocks: readonly Uint8Array[]): Promise<Outcome>[] {
    const outcomes = blocks.map(() => new Promise<Outcome>((resolve) => this.#waiting.set(this.#blocks++, resolve)))
    this.stream.send(blocksFrame(shard, ...blocks))
    return outcomes.map((outcome) => within(outcome, 'a block is answered'))
  }

  /** Sends one block; `settle` hears what became of it, if the session lives that long. */
  send(shard: number, block: Uint8Array, settle: (outcome: Outcome) => void): void {
    this.#waiting.set(this.#blocks++, settle)
    this.stream.send(blocksFrame(shard, block))
  }

  /** Ends our half and waits for the broker's. */
  async finish(): Promise<void> {
    this.stream.finish()
    await within(this.over, 'the session ends')
  }

  /** Blocks sent and not answered. */
  get outstanding(): number {
    return this.#waiting.size
  }

  async #read(): Promise<void> {
    for (let each = await this.stream.next(); each !== undefined; each = await this.stream.next()) {
      assert.not(this.drained || this.failure, 'nothing comes behind a drain or an error')
      if (each.type === frameTypes.ack) {
        for (const { block, baseSequence, appendTime } of acksOf(each.payload)) {
          this.#settle({ block, base: baseSequence, time: appendTime, error: undefined })
        }
      } else if (each.type === frameTypes.reject) {
        const { block, error } = jsonPayload(each.payload) as { block: number; error: ErrorBody }
        this.#settle({ block, base: undefined, time: undefined, error })
      } else if (each.type === frameTypes.drain) this.drained = true
      else if (each.type === frameTypes.error) this.failure = jsonPayload(each.payload) as ErrorBody
      else throw new Error(`a producer is sent a frame of type ${each.type}`)
    }
  }

  #settle(outcome: Outcome): void {
    assert.not(this.#answered.has(outcome.block), `block ${outcome.block} is answered once`)
    this.#answered.add(outcome.block)
    this.outcomes.push(outcome)
    this.#waiting.get(outcome.block)?.(outcome)
    this.#waiting.delete(outcome.block)
  }
}

export interface ReadRecord {
  readonly shard: number
  readonly sequence: number
  readonly key: string
  readonly data: string
  readonly time: number
}

/** A consumer's side of a subscription. It insists that each shard is read without a gap, and that nothing is damaged. */
export class RawReader {
  readonly stream: FrameStream
  readonly records: ReadRecord[] = []
  /** Everything but records, in order: `position 0 5`, `end 0 1,2`, `heartbeat`, `drain`, `error CODE`. */
  readonly events: string[] = []
  readonly heartbeats: { time: number; shards: [number, number, number][] }[] = []
  /** Per shard the sequence that comes next: what a client resumes with. */
  readonly positions = new Map<number, number>()
  readonly over: Promise<void>
  #onRecord: ((record: ReadRecord) => void) | undefined
  #wake: (() => void)[] = []

  constructor(stream: FrameStream, onRecord?: (record: ReadRecord) => void) {
    this.stream = stream
    this.#onRecord = onRecord
    this.over = this.#read()
    this.over.catch(() => this.#notify())
  }

  /** The data of what was read of one shard. */
  of(shard: number): string[] {
    return this.records.filter((record) => record.shard === shard).map(({ data }) => data)
  }

  /** Waits until that many records were read. */
  async has(count: number): Promise<void> {
    await this.#until(() => this.records.length >= count, `${count} records are read`)
    assert.is(this.records.length, count)
  }

  /** Waits for an event that begins like that. */
  async sees(event: string): Promise<void> {
    await this.#until(() => this.events.some((each) => each.startsWith(event)), `${event} comes`)
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      const next = new Promise<void>((resolve) => this.#wake.push(resolve))
      const ended = this.over.then(() => {
        if (!condition()) throw new Error(`the subscription ended before ${what}`)
      })
      await within(
        Promise.race([next, ended]),
        `${what} (events: ${this.events.slice(-9)}; ${this.records.length} records)`,
      )
    }
  }

  async #read(): Promise<void> {
    for (let each = await this.stream.next(); each !== undefined; each = await this.stream.next()) {
      this.#take(each)
      this.#notify()
    }
    this.#notify()
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  #take(each: Frame): void {
    const { type, shard, payload } = each
    const last = this.events.at(-1)
    assert.not(last === 'drain' || last?.startsWith('error'), 'nothing comes behind a drain or an error')
    if (type === frameTypes.blocks) this.#takeBlocks(each)
    else if (type === frameTypes.position) {
      const { sequence } = jsonPayload(payload) as { sequence: number }
      assert.not(this.positions.has(shard), 'a shard begins once')
      this.positions.set(shard, sequence)
      this.events.push(`position ${shard} ${sequence}`)
    } else if (type === frameTypes.shardEnd) {
      this.events.push(`end ${shard} ${(jsonPayload(payload) as { children: number[] }).children}`)
    } else if (type === frameTypes.heartbeat) {
      this.heartbeats.push(jsonPayload(payload) as { time: number; shards: [number, number, number][] })
      this.events.push('heartbeat')
    } else if (type === frameTypes.drain) {
      assert.equal(jsonPayload(payload), {})
      this.events.push('drain')
    } else if (type === frameTypes.error) this.events.push(`error ${(jsonPayload(payload) as ErrorBody).code}`)
    else throw new Error(`a consumer is sent a frame of type ${type}`)
  }

  #takeBlocks(each: Frame): void {
    assert.ok(each.crc !== 0 && frameIntact(each), 'a frame of blocks carries its checksum')
    for (const { header, block } of blocksOf(each.payload)) {
      const next = this.positions.get(each.shard) ?? Number(assert.unreachable('a position comes first'))
      assert.ok(header.baseSequence <= next && header.baseSequence + header.count > next, 'without a gap')
      const reader = new BodyReader(block)
      for (let i = 0; i < header.count; i++) {
        reader.next()
        const sequence = header.baseSequence + i
        if (sequence < next) continue
        const data = Buffer.from(reader.data()).toString()
        const record = { shard: each.shard, sequence, key: reader.key(), data, time: header.appendTime }
        if (this.#onRecord === undefined) this.records.push(record)
        else this.#onRecord(record)
      }
      this.positions.set(each.shard, header.baseSequence + header.count)
    }
  }
}
