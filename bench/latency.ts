import { build } from 'hdr-histogram-js'
import type { Sample } from './bench.ts'

/** Microseconds: 3 significant digits up to 5 minutes. */
const highestMicros = 300_000_000

/** Latencies of one turn of one contestant, in an HDR histogram: no sample is dropped and no mean hides the slow ones. */
export class Latency {
  readonly #histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestMicros,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
  })

  record(millis: number): void {
    this.#histogram.recordValue(Math.min(highestMicros, Math.max(0, Math.round(millis * 1000))))
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** Milliseconds below which `percentile` of the samples lie. */
  at(percentile: number): number {
    return this.#histogram.getValueAtPercentile(percentile) / 1000
  }

  /** The percentiles that are reported, each as a metric named after `what`. */
  samples(what: string): Sample[] {
    const percentiles = [50, 90, 99, 99.9].map((each) => ({ metric: `${what} p${each}`, value: this.at(each) }))
    return [...percentiles, { metric: `${what} max`, value: this.#histogram.maxValue / 1000 }].map((each) => ({
      ...each,
      unit: 'ms',
    }))
  }
}
