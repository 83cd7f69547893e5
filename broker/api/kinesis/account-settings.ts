import type { Broker } from '../../broker.ts'

/** The catalog's key for what an account's settings were said to be. */
const key = 'kinesis-account'

interface Settings {
  readonly status: 'ENABLED' | 'DISABLED'
  /** Milliseconds since 1970. */
  readonly startedAt?: number
}

/** The settings, as both operations about them answer. */
export async function accountSettings(broker: Broker): Promise<object> {
  const stored = (await broker.logs.store.entries(key))[0]
  const { status, startedAt }: Settings =
    stored === undefined ? { status: 'DISABLED' } : (JSON.parse(new TextDecoder().decode(stored.value)) as Settings)
  const StartedAt = startedAt === undefined ? undefined : new Date(startedAt)
  return { MinimumThroughputBillingCommitment: { Status: status, StartedAt } }
}

export async function setAccountSettings(broker: Broker, status: 'ENABLED' | 'DISABLED'): Promise<void> {
  const settings: Settings = status === 'ENABLED' ? { status, startedAt: broker.clock.now() } : { status }
  await broker.logs.store.put([{ key, value: new TextEncoder().encode(JSON.stringify(settings)) }])
}
