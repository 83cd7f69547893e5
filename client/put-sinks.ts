import type { MillraceError } from '../broker/wire/errors.ts'

/** Where a record that was put is. */
export interface PutResult {
  readonly shard: number
  readonly sequence: number
  /** When the broker appended it, milliseconds since 1970. */
  readonly time: number
}

/** Hears what became of records that were put, each under the `place` it was handed over with. */
export interface PutSink {
  /** On the broker's disk. */
  stored(place: number, shard: number, sequence: number, time: number): void
  /** Not stored, or not known to be. */
  failed(place: number, error: MillraceError): void
}

/** Of one record. */
export class SinglePut implements PutSink {
  readonly #resolve: (result: PutResult) => void
  readonly #reject: (error: MillraceError) => void

  constructor(resolve: (result: PutResult) => void, reject: (error: MillraceError) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  stored(_place: number, shard: number, sequence: number, time: number): void {
    this.#resolve({ shard, sequence, time })
  }

  failed(_place: number, error: MillraceError): void {
    this.#reject(error)
  }
}

/** Of a list of records, which are told of together. */
export class ListPut implements PutSink {
  readonly #results: PutResult[]
  readonly #resolve: (results: readonly PutResult[]) => void
  readonly #reject: (error: MillraceError) => void
  #left: number
  #error: MillraceError | undefined

  constructor(count: number, resolve: (results: readonly PutResult[]) => void, reject: (error: MillraceError) => void) {
    this.#results = new Array(count)
    this.#left = count
    this.#resolve = resolve
    this.#reject = reject
    if (count === 0) resolve(this.#results)
  }

  stored(place: number, shard: number, sequence: number, time: number): void {
    this.#results[place] = { shard, sequence, time }
    this.#settled()
  }

  failed(_place: number, error: MillraceError): void {
    this.#error ??= error
    this.#settled()
  }

  #settled(): void {
    if (--this.#left > 0) return
    if (this.#error === undefined) this.#resolve(this.#results)
    else this.#reject(this.#error)
  }
}
