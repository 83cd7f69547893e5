import type { Store, TableChange } from '../store/store.ts'

/** Who reads by enhanced fan-out: a name that was registered. */
export interface FanOutConsumer {
  readonly name: string
  /** Seconds since 1970; a part of its ARN. */
  readonly createdSeconds: number
  readonly tags: Readonly<Record<string, string>>
  readonly policy?: string | undefined
}

/** What is kept of a stream for AWS's sake alone: told back as it was told, with no effect on the log. */
export interface StreamProfile {
  readonly mode: 'PROVISIONED' | 'ON_DEMAND'
  /** When the mode was changed, milliseconds since 1970; the last two. */
  readonly modeChanges: readonly number[]
  /** When the number of shards was changed; the last ten. */
  readonly resizes: readonly number[]
  readonly tags: Readonly<Record<string, string>>
  /** The key that records are said to be encrypted with. */
  readonly keyId?: string | undefined
  /** Names of shard-level metrics. */
  readonly metrics: readonly string[]
  readonly policy?: string | undefined
  readonly warmThroughputMiBps?: number
  readonly distribution: 'USER_PARTITION_KEY' | 'AUTO'
  readonly consumers: readonly FanOutConsumer[]
  /** The latest creation among the consumers that were removed, so that no ARN is ever given twice. */
  readonly retiredSeconds: number
}

const unset: StreamProfile = {
  mode: 'PROVISIONED',
  modeChanges: [],
  resizes: [],
  tags: {},
  metrics: [],
  distribution: 'USER_PARTITION_KEY',
  consumers: [],
  retiredSeconds: 0,
}

/** The profile of one stream. What is seen here is durable. */
export class Profile {
  readonly #store: Store
  readonly #key: string
  #current: StreamProfile
  #changing: Promise<unknown> = Promise.resolve()

  /** `stored` is what the catalog has of it, if anything. */
  constructor(store: Store, stream: number, stored: Partial<StreamProfile> = {}) {
    this.#store = store
    this.#key = profileKey(stream)
    this.#current = { ...unset, ...stored }
  }

  get current(): StreamProfile {
    return this.#current
  }

  /** Changes it durably, one change after another; `change` is given what the one before it left, and may throw. */
  change(change: (current: StreamProfile) => StreamProfile): Promise<StreamProfile> {
    const result = this.#changing.then(async () => {
      const next = change(this.#current)
      await this.#store.put([profileChange(this.#key, next)])
      this.#current = next
      return next
    })
    // Its caller hears of a change that failed; the next one is made all the same.
    this.#changing = result.catch(() => undefined)
    return result
  }
}

/** The catalog's key for a stream's profile. */
export function profileKey(stream: number): string {
  return `profile/${String(stream).padStart(10, '0')}`
}

/** The catalog's entry for a profile. */
export function profileChange(key: string, profile: Partial<StreamProfile>): TableChange {
  return { key, value: new TextEncoder().encode(JSON.stringify(profile)) }
}

/** All profiles the catalog has, by stream. */
export async function storedProfiles(store: Store): Promise<Map<number, Partial<StreamProfile>>> {
  const entries = await store.entries('profile/')
  const parse = (value: Uint8Array) => JSON.parse(new TextDecoder().decode(value)) as Partial<StreamProfile>
  return new Map(entries.map(({ key, value }) => [Number(key.slice('profile/'.length)), parse(value)]))
}
