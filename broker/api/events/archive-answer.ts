import type { Broker } from '../../broker.ts'
import { type ArchiveRecord, archiveArn } from '../../modes/bus-record.ts'
import { arnOfBus } from './names.ts'

/** What is known of an archive, and how much it holds. */
export async function archiveAnswer({ archives }: Broker, record: ArchiveRecord): Promise<object> {
  const { events, bytes } = await archives.size(record)
  return {
    ArchiveName: record.name,
    EventSourceArn: arnOfBus(record.bus, record),
    State: 'ENABLED',
    RetentionDays: record.retentionDays,
    SizeBytes: bytes,
    EventCount: events,
    CreationTime: new Date(record.createdAt),
  }
}

/** What its making and its changing answer. */
export function archiveMade(record: ArchiveRecord): object {
  return { ArchiveArn: archiveArn(record), State: 'ENABLED', CreationTime: new Date(record.createdAt) }
}
