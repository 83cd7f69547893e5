import type { Channel, ChannelEvents } from '../wire/channel.ts'
import type { MillraceError } from '../wire/errors.ts'

/** Bytes one side may be ahead of the other before it is told to stop. */
const aheadBytesMax = 256 * 1024

/**
 * Two channels, each the other's far side, in one process. What is written arrives in a later turn of the event loop, as it would from
 * a socket, so that neither side runs inside the other's call.
 */
export function channelPair(): [Channel, Channel] {
  const first = new LocalChannel()
  const second = new LocalChannel()
  first.connect(second)
  second.connect(first)
  return [first, second]
}

class LocalChannel implements Channel {
  #far: LocalChannel | undefined
  #events: ChannelEvents | undefined
  /** What came and was not handed on yet. */
  #arrived: Uint8Array[] = []
  #arrivedBytes = 0
  #paused = false
  #scheduled = false
  #farIsToldToStop = false
  #farEnded = false
  #endSeen = false
  #ended = false
  #closed = false
  #error: MillraceError | undefined

  connect(far: LocalChannel): void {
    this.#far = far
  }

  listen(events: ChannelEvents): void {
    this.#events = events
    this.#schedule()
  }

  write(chunk: Uint8Array): boolean {
    if (this.#ended || this.#closed || this.#far === undefined) return false
    // The far side may do with it what it likes, and what is written here may be shared with others.
    return this.#far.arrive(chunk.slice())
  }

  end(): void {
    if (this.#ended || this.#closed) return
    this.#ended = true
    if (this.#far === undefined) return
    this.#far.farEnds()
    this.#schedule()
  }

  destroy(error?: MillraceError): void {
    this.shut(error)
    this.#far?.shut(undefined)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  /** Nothing more will come from the far side. */
  farEnds(): void {
    this.#farEnded = true
    this.#schedule()
  }

  /** The far side took enough of what was written. */
  drained(): void {
    this.#events?.drain()
  }

  /** Takes what the far side wrote; false when that is enough for now. */
  arrive(chunk: Uint8Array): boolean {
    if (this.#closed) return false
    this.#arrived.push(chunk)
    this.#arrivedBytes += chunk.length
    this.#schedule()
    this.#farIsToldToStop = this.#arrivedBytes >= aheadBytesMax
    return !this.#farIsToldToStop
  }

  #schedule(): void {
    if (this.#scheduled || this.#events === undefined) return
    this.#scheduled = true
    setImmediate(() => this.#deliver())
  }

  #deliver(): void {
    this.#scheduled = false
    const events = this.#events as ChannelEvents
    if (this.#closed) {
      this.#events = undefined
      events.closed(this.#error)
      return
    }
    let read = 0
    while (!this.#paused && !this.#closed && read < this.#arrived.length) {
      const chunk = this.#arrived[read++] as Uint8Array
      this.#arrivedBytes -= chunk.length
      events.data(chunk)
    }
    this.#arrived.splice(0, read)
    if (this.#farIsToldToStop && this.#arrivedBytes < aheadBytesMax / 2) {
      this.#farIsToldToStop = false
      this.#far?.drained()
    }
    if (this.#farEnded && !this.#endSeen && this.#arrived.length === 0) {
      this.#endSeen = true
      events.end()
    }
    if (this.#ended && this.#endSeen && !this.#closed) this.shut(undefined)
  }

  /** Closes this side; its listener hears of it in a later turn. */
  shut(error: MillraceError | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    this.#arrived = []
    this.#arrivedBytes = 0
    this.#schedule()
  }
}
