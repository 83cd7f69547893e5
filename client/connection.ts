import type { Endpoint } from '../broker/wire/endpoint.ts'

/** Something opened over a connection that goes with it. */
export interface Closable {
  close(): Promise<void>
}

/** What a client's handles share: the way to the broker, and what was opened over it. */
export class Connection {
  readonly endpoint: Endpoint
  /** Whether the broker's time moves by itself; with `--clock manual` its silence says nothing. */
  readonly realTime: boolean
  readonly #opened = new Set<Closable>()

  constructor(endpoint: Endpoint, realTime: boolean) {
    this.endpoint = endpoint
    this.realTime = realTime
  }

  add<T extends Closable>(opened: T): T {
    this.#opened.add(opened)
    return opened
  }

  remove(closed: Closable): void {
    this.#opened.delete(closed)
  }

  /** Closes all that is open, producers after what they were given is settled, then the way itself. */
  async close(): Promise<void> {
    await Promise.all([...this.#opened].map((each) => each.close()))
    await this.endpoint.close()
  }
}
