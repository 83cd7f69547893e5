import type { Producer, StreamHandle } from '../../client/index.ts'
import { departure, type Flight } from './flights.ts'

/** Flights that are due within so many milliseconds travel together. */
const togetherMillis = 10

/** Puts flights in the order and, scaled down, at the times of their departures. */
export class Playback {
  readonly #producer: Producer
  readonly #flights: readonly Flight[]
  readonly #millis: number
  #failure: unknown
  /** How many are durable. */
  put = 0
  /** Of the flight put last. */
  date = ''

  /** `seconds` is how long it takes; 0 is as fast as it goes. */
  constructor(stream: StreamHandle, flights: readonly Flight[], seconds: number) {
    this.#producer = stream.producer()
    this.#flights = flights
    this.#millis = seconds * 1000
  }

  /** Resolves when all are durable; rejects when one could not be put. */
  async run(): Promise<void> {
    const flights = this.#flights
    const first = departure(flights[0] as Flight)
    const span = Math.max(1, departure(flights.at(-1) as Flight) - first)
    const started = performance.now()
    for (const flight of flights) {
      const due = ((departure(flight) - first) / span) * this.#millis
      const early = due - (performance.now() - started)
      if (early > togetherMillis) await new Promise((resolve) => setTimeout(resolve, early))
      await this.#producer.ready()
      if (this.#failure !== undefined) throw this.#failure
      this.#put(flight)
    }
    await this.#producer.close()
    if (this.#failure !== undefined) throw this.#failure
  }

  #put(flight: Flight): void {
    this.date = flight.date
    this.#producer.put({ key: flight.origin, data: JSON.stringify(flight) }).then(
      () => {
        this.put++
      },
      (error: unknown) => {
        this.#failure ??= error
      },
    )
  }
}
