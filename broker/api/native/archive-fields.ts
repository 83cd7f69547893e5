import type { Broker } from '../../broker.ts'
import type { ArchiveRecord, ReplayRecord } from '../../modes/bus-record.ts'
import type { ArchiveDescription, ReplayDescription } from '../../wire/bus-description.ts'

/** An archive, and how much it holds. */
export async function describeArchive({ archives }: Broker, record: ArchiveRecord): Promise<ArchiveDescription> {
  const { name, bus, description, pattern, retentionDays, createdAt } = record
  return {
    name,
    bus,
    ...(description === undefined ? {} : { description }),
    ...(pattern === undefined ? {} : { pattern: JSON.parse(pattern) }),
    retentionDays,
    createdAt,
    ...(await archives.size(record)),
  }
}

/** A replay, and how far it is. */
export function describeReplay({ archives }: Broker, record: ReplayRecord): ReplayDescription {
  const { region: _, account: __, next, end, description: ___, ...shown } = record
  const first = Math.min(archives.records.get(record.archive)?.from ?? 0, next)
  const progress = record.state === 'COMPLETED' || end <= first ? 1 : (next - first) / (end - first)
  return { ...shown, progress }
}
