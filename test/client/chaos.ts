import { Dispatch } from '../../broker/api/dispatch.ts'
import { LocalEndpoint } from '../../broker/api/local-endpoint.ts'
import { nativeOperations } from '../../broker/api/native/operations.ts'
import { Broker } from '../../broker/broker.ts'
import { RealClock } from '../../broker/clock.ts'
import { limits } from '../../broker/limits.ts'
import { MemoryStore } from '../../broker/store/memory.ts'
import type { Channel } from '../../broker/wire/channel.ts'
import type { Endpoint, EndpointCall } from '../../broker/wire/endpoint.ts'
import { MillraceError } from '../../broker/wire/errors.ts'

/** Random numbers from a seed (mulberry32), so that a failure can be had again. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** From 0 up to but not including 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from 0 up to but not including `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  chance(share: number): boolean {
    return this.next() < share
  }
}

/** The seed of this run: MILLRACE_SEED, or a new one; printed, so that a failure can be had again. */
export function announcedSeed(): number {
  const seed = Number(process.env['MILLRACE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`MILLRACE_SEED=${seed}`)
  return seed
}

/** A memory engine whose disk is full now and then. */
class FullStore extends MemoryStore {
  readonly #random: SeededRandom
  readonly #share: number

  constructor(random: SeededRandom, share: number) {
    super()
    this.#random = random
    this.#share = share
  }

  override async append(commit: Uint8Array): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.#random.chance(this.#share)) throw new MillraceError('store_full', { reason: 'a full disk for a moment' })
    return super.append(commit)
  }
}

/** A broker whose connections break, whose disk is full, and whose calls fail, each with a chance of its own. */
export class ChaosBroker implements Endpoint {
  readonly broker: Broker
  readonly #inner: LocalEndpoint
  readonly #random: SeededRandom
  readonly #breaks: number
  broken = 0

  private constructor(broker: Broker, random: SeededRandom, breaks: number) {
    this.broker = broker
    this.#inner = new LocalEndpoint(broker, new Dispatch(nativeOperations))
    this.#random = random
    this.#breaks = breaks
  }

  static async open(random: SeededRandom, { breaks = 0.02, full = 0.05 } = {}): Promise<ChaosBroker> {
    const broker = await Broker.open({
      store: new FullStore(random, full),
      clock: new RealClock(),
      wall: new RealClock(),
      limits,
      strict: false,
      version: 'chaos',
      logBytesMax: Number.POSITIVE_INFINITY,
      onFault: (error) => console.error(error),
    })
    return new ChaosBroker(broker, random, breaks)
  }

  async call(call: EndpointCall): Promise<unknown> {
    if (this.#random.chance(this.#breaks)) throw this.#lost()
    const answer = await this.#inner.call(call)
    // The call was carried out, and nobody hears of it.
    if (this.#random.chance(this.#breaks)) throw this.#lost()
    return answer
  }

  open(path: string, body?: unknown): Channel {
    const channel = this.#inner.open(path, body)
    return {
      ...channelOf(channel),
      listen: (events) =>
        channel.listen({
          ...events,
          data: (chunk) => {
            if (this.#random.chance(this.#breaks)) this.#break(channel)
            else events.data(chunk)
          },
        }),
      write: (chunk) => {
        const more = channel.write(chunk)
        if (this.#random.chance(this.#breaks)) setImmediate(() => this.#break(channel))
        return more
      },
    }
  }

  async close(): Promise<void> {
    await this.broker.close()
  }

  #break(channel: Channel): void {
    this.broken++
    channel.destroy(this.#lost())
  }

  #lost(): MillraceError {
    return new MillraceError('unavailable', { url: 'chaos', reason: 'the connection broke' })
  }
}

function channelOf(channel: Channel): Omit<Channel, 'listen' | 'write'> {
  return {
    end: () => channel.end(),
    destroy: (error) => channel.destroy(error),
    pause: () => channel.pause(),
    resume: () => channel.resume(),
  }
}
