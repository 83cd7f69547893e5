import type { Logs } from '../log/logs.ts'
import type { Shard } from '../log/shard.ts'
import { type BlockHeader, blocksOf } from '../wire/block.ts'
import { framesOf } from '../wire/frame.ts'
import { decodeEnvelope, type Envelope } from '../wire/queue-message.ts'
import { BodyReader } from '../wire/record.ts'

/** A message as it lies in the log; its body is a window on a buffer that others use too. */
export interface StoredMessage {
  /** Where it lies. */
  readonly sequence: number
  /** When it was appended there. */
  readonly time: number
  readonly envelope: Envelope
}

interface BlockView {
  readonly header: BlockHeader
  readonly reader: BodyReader
  /** Where each record begins, once one was asked for. */
  places: Uint32Array | undefined
}

/** Reads messages by where they lie: from the tail that all readers share, or through two buffers of its own. */
export class QueueReader {
  readonly #logs: Logs
  readonly #shard: Shard
  /** What was read last comes first: the cursor runs ahead while older messages are given out again. */
  #views: (readonly BlockView[])[] = []
  #sequential = 0
  #last: StoredMessage | undefined
  readonly #onRead: () => void

  /** `onRead` is called after each read from the store. */
  constructor(logs: Logs, shard: Shard, onRead: () => void = () => undefined) {
    this.#logs = logs
    this.#shard = shard
    this.#onRead = onRead
  }

  /** The message at `sequence`, if it is at hand. */
  find(sequence: number): StoredMessage | undefined {
    if (this.#last?.sequence === sequence) return this.#last
    let view = this.#viewOf(sequence)
    if (view === undefined) {
      const run = this.#shard.tail.find(sequence)
      if (run === undefined || sequence < run.base) return undefined
      this.#keep(viewsOf(run.frame))
      view = this.#viewOf(sequence)
      if (view === undefined) return undefined
    }
    this.#last = messageIn(view, sequence)
    return this.#last
  }

  /** Brings the message at `sequence` to hand; false when it is no longer there. */
  async load(sequence: number): Promise<boolean> {
    const { readBytesMax } = this.#logs.limits
    // Whoever reads on where the last read ended wants more of the same; others want one message.
    const bytes = sequence === this.#sequential ? readBytesMax : readBytesMax / 8
    const cursor = this.#logs.cursor(this.#shard, sequence)
    const frames = await cursor.read(bytes)
    if (frames === undefined) return false
    this.#sequential = cursor.position
    this.#keep(viewsOf(frames))
    this.#onRead()
    return this.#viewOf(sequence) !== undefined
  }

  /** Lets go of what is at hand. */
  release(): void {
    this.#views = []
    this.#last = undefined
  }

  #keep(views: readonly BlockView[]): void {
    this.#views = [views, ...this.#views.slice(0, 1)]
  }

  #viewOf(sequence: number): BlockView | undefined {
    for (const views of this.#views) {
      const first = views[0]
      const last = views.at(-1)
      if (first === undefined || last === undefined) continue
      if (sequence < first.header.baseSequence || sequence >= last.header.baseSequence + last.header.count) continue
      let low = 0
      let high = views.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((views[middle] as BlockView).header.baseSequence <= sequence) low = middle
        else high = middle - 1
      }
      return views[low]
    }
    return undefined
  }
}

function viewsOf(frames: Uint8Array): BlockView[] {
  const views: BlockView[] = []
  for (const { payload } of framesOf(frames)) {
    for (const { header, block } of blocksOf(payload)) {
      views.push({ header, reader: new BodyReader(block), places: undefined })
    }
  }
  return views
}

function messageIn(view: BlockView, sequence: number): StoredMessage {
  const { header, reader } = view
  view.places ??= placesIn(reader, header.count)
  reader.position = view.places[sequence - header.baseSequence] as number
  reader.next()
  return { sequence, time: header.appendTime, envelope: decodeEnvelope(reader.key(), reader.data()) }
}

function placesIn(reader: BodyReader, count: number): Uint32Array {
  const places = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    places[i] = reader.position
    reader.next()
  }
  return places
}
