import type { LogSettings } from '../log/log.ts'
import type { Logs } from '../log/logs.ts'
import { MillraceError } from '../wire/errors.ts'
import { Stream } from './stream.ts'
import type { Consumers } from './stream-consumers.ts'
import { Profile, profileChange, profileKey, type StreamProfile, storedProfiles } from './stream-profile.ts'

/** What can be chosen when a stream is created. */
export interface StreamOptions {
  /** Default 1. */
  readonly shards?: number
  /** Default 24 hours. */
  readonly retentionMillis?: number
  /** Default 1 MiB, at most 10 MiB. */
  readonly recordBytesMax?: number
  /** What AWS's clients want kept of it. */
  readonly profile?: Partial<StreamProfile>
}

/** All streams of a broker, by name. */
export class Streams {
  readonly #logs: Logs
  readonly #consumers: Consumers
  readonly #streams = new Map<string, Stream>()
  readonly #creating = new Set<string>()

  private constructor(logs: Logs, consumers: Consumers) {
    this.#logs = logs
    this.#consumers = consumers
  }

  /** Takes up the streams the catalog knows. `consumers` must be among the owners `logs` was opened with. */
  static async open(logs: Logs, consumers: Consumers): Promise<Streams> {
    consumers.attach(logs)
    const streams = new Streams(logs, consumers)
    const profiles = await storedProfiles(logs.store)
    for (const { value } of await logs.store.entries('stream/')) {
      const log = logs.logs.get(Number(new TextDecoder().decode(value)))
      if (log === undefined) continue
      const profile = new Profile(logs.store, log.number, profiles.get(log.number))
      streams.#streams.set(log.name, new Stream(log, logs, consumers, profile))
    }
    return streams
  }

  /**
   * Creates a stream.
   * @throws stream_exists, limit_exceeded
   */
  async create(name: string, options: StreamOptions = {}): Promise<Stream> {
    const { limits } = this.#logs
    if (this.#streams.has(name) || this.#creating.has(name)) throw new MillraceError('stream_exists', { stream: name })
    if (this.#streams.size + this.#creating.size >= limits.streamsMax) {
      throw new MillraceError('limit_exceeded', { what: 'The number of streams', limit: limits.streamsMax })
    }
    const settings: LogSettings = {
      retentionMillis: options.retentionMillis ?? limits.retentionMillisDefault,
      recordBytesMax: options.recordBytesMax ?? limits.recordBytesDefault,
    }
    this.#creating.add(name)
    try {
      const { profile } = options
      const log = await this.#logs.create(name, options.shards ?? 1, settings, (number) => [
        { key: streamKey(name), value: new TextEncoder().encode(String(number)) },
        ...(profile === undefined ? [] : [profileChange(profileKey(number), profile)]),
      ])
      const kept = new Profile(this.#logs.store, log.number, profile)
      const stream = new Stream(log, this.#logs, this.#consumers, kept)
      this.#streams.set(name, stream)
      return stream
    } finally {
      this.#creating.delete(name)
    }
  }

  /** The stream of that name, if there is one. */
  find(name: string): Stream | undefined {
    return this.#streams.get(name)
  }

  /** @throws stream_not_found */
  get(name: string): Stream {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new MillraceError('stream_not_found', { stream: name })
    return stream
  }

  /** All of them, by name. */
  list(): Stream[] {
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /**
   * Deletes a stream and all its records and consumers; its readers are told.
   * @throws stream_not_found
   */
  async delete(name: string): Promise<void> {
    const stream = this.get(name)
    await this.#logs.delete(stream.log, [
      { key: streamKey(name), value: undefined },
      { key: profileKey(stream.number), value: undefined },
    ])
    this.#streams.delete(name)
    this.#consumers.forget(stream.number)
    stream.close()
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close()
  }
}

function streamKey(name: string): string {
  return `stream/${name}`
}
