import { build } from 'hdr-histogram-js'
import type { ConsumedRecord } from '../../client/index.ts'
import type { Flight } from './flights.ts'
import type { View } from './views.ts'

/** One consumer of the demo: what it made of the flights so far, and how far it is behind. */
export class Reader {
  readonly how: string
  readonly view: View
  readonly #expected: number
  readonly #millis = build({ highestTrackableValue: 60_000, numberOfSignificantValueDigits: 3 })
  readonly #done: Promise<void>
  #finish: () => void = () => undefined
  /** How many it read. */
  records = 0

  constructor(how: string, view: View, expected: number) {
    this.how = how
    this.view = view
    this.#expected = expected
    this.#done = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  readonly take = (record: ConsumedRecord): void => {
    this.records++
    // From the broker's append to here. Clocks of two machines may differ by more than that takes.
    this.#millis.recordValue(Math.min(60_000, Math.max(0, Date.now() - record.time)))
    this.view.take(record.json<Flight>())
    if (this.records === this.#expected) this.#finish()
  }

  /** Milliseconds from append to here, of which this share of all records took no more. */
  latency(share: number): number {
    return this.#millis.getValueAtPercentile(share * 100)
  }

  /** Resolves when all that is expected was read. */
  done(): Promise<void> {
    return this.#done
  }
}
