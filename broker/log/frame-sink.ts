import type { Clock } from '../clock.ts'
import type { MillraceError } from '../wire/errors.ts'
import { type FrameType, frameTypes, jsonFrame } from '../wire/frame.ts'
import type { Cursor } from './cursor.ts'
import type { Shard } from './shard.ts'
import type { SubscriptionSink } from './subscription.ts'

/** Where frames go. */
export interface FrameTarget {
  /** Takes whole frames, which are not to be changed. False means: no more for now. */
  write(frames: Uint8Array): boolean
  /** Nothing more will come. */
  end(): void
}

/** What a subscription reads, in frames of the native wire (docs/wire.md): records go out as the very bytes that are stored. */
export class FrameSink implements SubscriptionSink {
  readonly #target: FrameTarget
  readonly #clock: Clock

  constructor(target: FrameTarget, clock: Clock) {
    this.#target = target
    this.#clock = clock
  }

  begins(shard: Shard, sequence: number): boolean {
    return this.#say(frameTypes.position, shard.number, { sequence })
  }

  records(frames: Uint8Array): boolean {
    return this.#target.write(frames)
  }

  idle(cursors: readonly Cursor[]): boolean {
    const time = this.#clock.now()
    const shards = cursors.map(({ shard, position, atEnd }) => [
      shard.number,
      position,
      atEnd ? 0 : time - shard.lastTime,
    ])
    return this.#say(frameTypes.heartbeat, 0, { time, shards })
  }

  shardEnd(shard: Shard): boolean {
    return this.#say(frameTypes.shardEnd, shard.number, { children: shard.children })
  }

  drain(): void {
    this.#say(frameTypes.drain, 0, {})
  }

  fail(error: MillraceError): void {
    this.#say(frameTypes.error, 0, error)
  }

  end(): void {
    this.#target.end()
  }

  #say(type: FrameType, shard: number, value: unknown): boolean {
    return this.#target.write(jsonFrame(type, shard, value))
  }
}
