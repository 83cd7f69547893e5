import type { Clock, Timer } from '../clock.ts'
import { type Due, TimerHeap } from '../timer-heap.ts'
import { MillraceError } from '../wire/errors.ts'
import type { NewPublication, Publication } from './publication.ts'
import { type TimetablePositions, timetableOwner } from './timetable-positions.ts'

/** Something that happens at instants of its own. */
export interface Timed extends Due {
  /** Tells it from all others, also from one of the same name that was deleted before. */
  readonly key: string
  /** When it is to be looked at next, milliseconds since 1970. */
  due: number
  /** Called when it is due: moves `due` on, to Infinity where nothing follows, and says what happens now, if anything does. */
  occur(now: number): Occurrence | undefined
}

/** Called when something is durable, by who has to know. */
export type Durable = (() => void) | undefined

/** What happens at one instant. */
export interface Occurrence {
  /** The instant it stands for: never published twice. */
  readonly instant: number
  /** Says what is to be published, and returns what is to be called once that is durable; called again where it could not be stored. */
  publish(publication: Publication): Promise<Durable>
  /** What is to be published instead, since `error` will not pass. */
  failed(error: MillraceError, publication: Publication): void
  /** It was published, or failed, and that is durable. */
  done?(): void | Promise<void>
}

export interface TimetableOptions {
  readonly clock: Clock
  /** The machine's: what notices that `clock` was set. */
  readonly wall: Clock
  readonly positions: TimetablePositions
  readonly publication: NewPublication
  readonly onFault: (error: unknown) => void
}

interface Happening {
  readonly timed: Timed
  readonly occurrence: Occurrence
}

/** A clock that was set is noticed within this. */
const watchMillis = 5_000
/** How many are published side by side. */
const sideBySideMax = 1_000
/** What could not be stored is tried again after this. */
const againMillis = 1_000

/**
 * Everything that happens by the clock, with one timer for all of it. What happens is published in the same commit as the note that it
 * was, so that no instant is published twice, and none is lost that was to come after an acknowledged change.
 */
export class Timetable {
  readonly #options: TimetableOptions
  readonly #heap = new TimerHeap<Timed>()
  #timer: Timer | undefined
  #watch: Timer | undefined
  #armedFor = Number.POSITIVE_INFINITY
  #order = 0
  #waiting: Happening[] = []
  #publishing: Promise<void> | undefined
  #closed = false
  /** Keys of what is not in a table of its own, and must not be forgotten. */
  readonly calls = new Set<string>()
  /** Called with how late each is, milliseconds; for measurements. */
  onHappened: ((lateMillis: number) => void) | undefined

  constructor(options: TimetableOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#heap.size
  }

  get positions(): TimetablePositions {
    return this.#options.positions
  }

  /** For `Timed.order`. */
  nextOrder(): number {
    return this.#order++
  }

  /** Has `timed` happen from now on. */
  add(timed: Timed): void {
    if (timed.due === Number.POSITIVE_INFINITY || this.#closed) return
    this.#heap.add(timed)
    this.#arm()
  }

  /** Ends it: what is being published of it is still published. */
  remove(timed: Timed): void {
    this.#heap.remove(timed)
  }

  /** Resolves when all that was due is published. */
  async idle(): Promise<void> {
    while (this.#publishing !== undefined) await this.#publishing
  }

  /** Begins nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#watch?.cancel()
    await this.#publishing
  }

  #arm(): void {
    const due = this.#heap.first()?.due ?? Number.POSITIVE_INFINITY
    if (due === this.#armedFor && this.#timer !== undefined) return
    this.#armAt(due)
  }

  #armAt(due: number): void {
    const { clock, wall } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    this.#armedFor = due
    if (due === Number.POSITIVE_INFINITY || this.#closed) return
    this.#timer = clock.after(due - clock.now(), () => this.#ring())
    // A timer runs by itself, so where the clock is set it has to be set anew.
    this.#watch ??= wall.after(watchMillis, () => {
      this.#watch = undefined
      this.#armAt(this.#heap.first()?.due ?? Number.POSITIVE_INFINITY)
    })
  }

  /** The clock may have been set back meanwhile: then nothing is due, and it is waited again. */
  #ring(): void {
    this.#timer = undefined
    const now = this.#options.clock.now()
    for (let timed = this.#heap.first(); timed !== undefined && timed.due <= now; timed = this.#heap.first()) {
      this.#heap.remove(timed)
      const lateMillis = now - timed.due
      const occurrence = timed.occur(now)
      if (timed.due !== Number.POSITIVE_INFINITY) this.#heap.add(timed)
      if (occurrence === undefined) continue
      this.onHappened?.(lateMillis)
      this.#waiting.push({ timed, occurrence })
    }
    this.#arm()
    if (this.#waiting.length > 0) this.#publishing ??= this.#publish()
  }

  async #publish(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#closed) {
        const some = this.#waiting.splice(0, sideBySideMax)
        const again = await Promise.all(some.map((happening) => this.#happen(happening)))
        const left = again.filter((each) => each !== undefined)
        if (left.length === 0) continue
        this.#waiting.unshift(...left)
        await this.#later()
      }
    } catch (error) {
      this.#options.onFault(error)
    } finally {
      this.#publishing = undefined
    }
  }

  #later(): Promise<void> {
    return new Promise((resolve) => this.#options.wall.after(againMillis, resolve))
  }

  /** Returns what is to be tried again. */
  async #happen(happening: Happening): Promise<Happening | undefined> {
    const { occurrence } = happening
    try {
      await this.#commit(happening, (publication) => occurrence.publish(publication))
    } catch (error) {
      const wrapped = MillraceError.wrap(error)
      if (wrapped.retryable) return happening
      await this.#fail(happening, wrapped)
    }
    await occurrence.done?.()
    return undefined
  }

  /** Notes an instant as over, with what is to be told of it where that can be told. */
  async #fail(happening: Happening, error: MillraceError): Promise<void> {
    const { onFault } = this.#options
    try {
      await this.#commit(happening, async (publication) => {
        happening.occurrence.failed(error, publication)
        return undefined
      })
    } catch (again) {
      onFault(again)
      // Where even this cannot be stored, it comes again after the next start.
      await this.#commit(happening, async () => undefined).catch(onFault)
    }
  }

  async #commit({ timed, occurrence }: Happening, fill: (publication: Publication) => Promise<Durable>): Promise<void> {
    const { publication: begin, positions } = this.#options
    const publication = begin()
    const durable = await fill(publication)
    publication.toJournal(timetableOwner, positions.entry(timed.key, occurrence.instant))
    await publication.commit()
    positions.set(timed.key, occurrence.instant)
    durable?.()
  }
}
