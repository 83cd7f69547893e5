import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { MillraceError } from '../wire/errors.ts'
import type { Topic } from './topic.ts'
import type { TopicArchives } from './topic-archive.ts'
import { archiveOf, type Replay, type ReplayProgress, type SubscriptionRecord } from './topic-record.ts'

/** Messages that are delivered side by side; progress is kept after each such lot. */
const lot = 200
const againMillis = 1_000

export interface ReplaysOptions {
  readonly clock: Clock
  readonly archives: TopicArchives
  /** Keeps how far a replay has come; undefined where its subscription is gone, or has another replay by now. */
  readonly save: (topic: Topic, id: string, progress: ReplayProgress) => Promise<SubscriptionRecord | undefined>
  readonly failed: (subscription: SubscriptionRecord, error: MillraceError) => void
}

/**
 * Delivers what a FIFO topic's archive has kept to one of its subscriptions again, in the order it was published first. How far that has come is
 * kept, so that a restart goes on; the last lot may then come twice.
 */
export class TopicReplays {
  readonly #options: ReplaysOptions
  /** The replays under way, by subscription. */
  readonly #running = new Map<string, string>()
  #closed = false

  constructor(options: ReplaysOptions) {
    this.#options = options
  }

  /** Begins, or goes on with, the replay that a subscription asks for. */
  begin(topic: Topic, subscription: SubscriptionRecord): void {
    const { name, settings, replayed } = subscription
    const { replay } = settings
    if (replay === undefined || (replayed?.id === replay.id && replayed.finished)) return
    if (this.#running.get(name) === replay.id) return
    this.#running.set(name, replay.id)
    const done = replayed?.id === replay.id ? replayed.sequence : 0
    this.#run(topic, subscription, replay, done).catch((error: unknown) => {
      this.#running.delete(name)
      if (this.#closed) return
      this.#options.failed(subscription, MillraceError.wrap(error))
      // What it could not deliver now it may be able to later.
      this.#options.clock.after(againMillis, () => this.#again(topic, subscription.id))
    })
  }

  /** Ends all; what is left is taken up at the next start. */
  close(): void {
    this.#closed = true
  }

  #again(topic: Topic, id: string): void {
    const subscription = topic.subscriptions.get(id)
    if (!this.#closed && subscription !== undefined) this.begin(topic, subscription)
  }

  async #run(topic: Topic, subscription: SubscriptionRecord, replay: Replay, done: number): Promise<void> {
    const { archives, save } = this.#options
    const archive = archiveOf(topic.name)
    const places = await this.#places(archive, replay, done)
    let sequence = done
    for (let at = 0; at < places.length; at += lot) {
      const some = places.slice(at, at + lot)
      const messages = await Promise.all(some.map(({ place }) => archives.read(archive, place)))
      const work: Promise<void>[] = []
      for (const each of messages) {
        if (each === undefined) continue
        const { message, identity } = each
        work.push(
          topic.replay(subscription, { ...message, deduplicationId: anew(replay, message.deduplicationId) }, identity),
        )
      }
      await Promise.all(work)
      sequence = some.at(-1)?.sequence ?? sequence
      if (this.#closed) return
      if ((await save(topic, subscription.id, { id: replay.id, sequence, finished: false })) === undefined) return
    }
    this.#running.delete(subscription.name)
    await save(topic, subscription.id, { id: replay.id, sequence, finished: true })
  }

  /** Where the messages lie, in the order of their numbers: what was moved in the archive lies behind what is younger. */
  async #places(archive: string, { from, to }: Replay, done: number): Promise<{ place: number; sequence: number }[]> {
    const { archives } = this.#options
    const { first, next } = await archives.range(archive, from)
    const places: { place: number; sequence: number }[] = []
    for (let place = first; place < next; place++) {
      const { time = 0, sequence = 0 } = (await archives.read(archive, place))?.identity ?? {}
      if (sequence > done && time >= from && (to === undefined || time <= to)) places.push({ place, sequence })
    }
    return places.sort((a, b) => a.sequence - b.sequence)
  }
}

/** A queue that got it within five minutes would take it for a duplicate. */
function anew({ id }: Replay, deduplicationId = ''): string {
  return createHash('sha256').update(`${id} ${deduplicationId}`).digest('hex')
}
