import { MillraceError } from '../wire/errors.ts'
import type { Publication } from './publication.ts'

/** A publication of a bus's events: some of what goes into it takes a while to be made, and some want to hear when it is durable. */
export class Publishing {
  readonly publication: Publication
  readonly #later: Promise<void>[] = []
  readonly #durable: (() => void)[] = []

  constructor(publication: Publication) {
    this.publication = publication
  }

  /** Waits for `work` before the commit, and calls what it resolves with after it; `failed` may still add something in its place. */
  add(work: Promise<() => void>, failed: (error: MillraceError) => void): void {
    const done = work.then(
      (durable) => {
        this.#durable.push(durable)
      },
      (error: unknown) => failed(MillraceError.wrap(error)),
    )
    this.#later.push(done)
  }

  /** Resolves when all of it is there; undefined when it is already. */
  get whole(): Promise<void> | undefined {
    return this.#later.length === 0 ? undefined : Promise.all(this.#later).then(() => undefined)
  }

  /** Resolves when all of it is durable. What is committed in some order is stored in it, unless some of it takes a while. */
  async commit(): Promise<void> {
    if (this.whole !== undefined) await this.whole
    await this.publication.commit()
    this.durable()
  }

  /** Tells those who want to hear of it that all of it is durable. */
  durable(): void {
    for (const durable of this.#durable) durable()
  }
}
