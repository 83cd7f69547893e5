import { createHash } from 'node:crypto'
import { Packr } from 'msgpackr'
import { MillraceError } from '../wire/errors.ts'
import type { MessageAttribute } from '../wire/queue-message.ts'
import type { Identity } from './topic-notice.ts'
import type { TopicMessage, TopicRecord, TopicSettings } from './topic-record.ts'

/** Own data only, and plain maps and arrays only. */
const packr = new Packr({ useRecords: false })

const dayMillis = 24 * 60 * 60 * 1_000

/** A log of a FIFO topic's own: a hidden FIFO queue that nobody receives from. */
export interface ArchiveLog {
  /** Where it begins for who wants what was published at `time` or later, and where it ends now. */
  range(time: number): Promise<{ readonly first: number; readonly next: number }>
  /** The body of the message at `sequence`; undefined where it is no longer kept. */
  read(sequence: number): Promise<Uint8Array | undefined>
}

/** What the hidden queues of topics are made, changed and read by. */
export interface ArchiveLogs {
  make(name: string, settings: ArchiveSettings): Promise<void>
  configure(name: string, settings: ArchiveSettings): Promise<void>
  remove(name: string): Promise<void>
  /** @throws queue_not_found */
  open(name: string): ArchiveLog
}

export interface ArchiveSettings {
  readonly contentBasedDeduplication: boolean
  readonly deduplicationByGroup: boolean
  readonly retentionMillis: number
}

/** A message as an archive has it. */
export interface ArchivedMessage {
  readonly message: TopicMessage
  readonly identity: Identity
}

interface Stored {
  readonly id: string
  readonly time: number
  readonly sequence: number
  readonly body: Uint8Array
  readonly byProtocol?: Readonly<Record<string, string>>
  readonly subject?: string
  readonly attributes?: Readonly<Record<string, MessageAttribute>>
  readonly group: string
  readonly deduplicationId: string
  readonly trace?: string
}

/**
 * What FIFO topics keep of their messages: for 10 minutes, so that none is published twice, and with an archive policy for as many days as that
 * says, so that they can be delivered again.
 */
export class TopicArchives {
  readonly #logs: ArchiveLogs

  constructor(logs: ArchiveLogs) {
    this.#logs = logs
  }

  async make(name: string, settings: TopicSettings): Promise<void> {
    await this.#logs.make(name, archiveSettings(settings))
  }

  async configure(name: string, settings: TopicSettings): Promise<void> {
    await this.#logs.configure(name, archiveSettings(settings))
  }

  async remove(name: string): Promise<void> {
    await this.#logs.remove(name)
  }

  /**
   * A message with the deduplication id that it is known by.
   * @throws group_required, deduplication_required
   */
  identified({ name, settings }: TopicRecord, message: TopicMessage): TopicMessage & { readonly group: string } {
    const { group, body, deduplicationId } = message
    if (group === undefined) throw new MillraceError('group_required', { queue: name })
    if (deduplicationId !== undefined) return { ...message, group }
    if (!settings.contentBasedDeduplication) throw new MillraceError('deduplication_required', { queue: name })
    return { ...message, group, deduplicationId: createHash('sha256').update(body).digest('hex') }
  }

  /** What is kept of a message, as a message of the hidden queue. */
  pack(message: TopicMessage, { id, time, sequence }: Identity) {
    const { body, byProtocol, subject, attributes, group = '', deduplicationId = '', trace } = message
    const stored: Stored = {
      id,
      time,
      sequence: sequence ?? 0,
      body,
      group,
      deduplicationId,
      ...(byProtocol === undefined ? {} : { byProtocol: Object.fromEntries(byProtocol) }),
      ...(subject === undefined ? {} : { subject }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(trace === undefined ? {} : { trace }),
    }
    return { body: packr.pack(stored), group, deduplicationId }
  }

  /** Of the message at `at`: where another is its duplicate. */
  async identityAt(archive: string, at: number): Promise<Identity> {
    const found = await this.read(archive, at)
    if (found === undefined) throw new MillraceError('internal', { reason: 'a message of the archive was not found' })
    return found.identity
  }

  /** The number of the newest message; 0 where there is none. */
  async lastSequence(archive: string): Promise<number> {
    const { next } = await this.#logs.open(archive).range(Number.MAX_SAFE_INTEGER)
    const last = next === 0 ? undefined : await this.read(archive, next - 1)
    return last?.identity.sequence ?? 0
  }

  /** Where the messages published from `time` on lie. */
  range(archive: string, time: number): Promise<{ readonly first: number; readonly next: number }> {
    return this.#logs.open(archive).range(time)
  }

  /** The message at a place of an archive. */
  async read(archive: string, at: number): Promise<ArchivedMessage | undefined> {
    const bytes = await this.#logs.open(archive).read(at)
    if (bytes === undefined) return undefined
    const { id, time, sequence, byProtocol, ...message } = packr.unpack(bytes) as Stored
    const texts = byProtocol === undefined ? {} : { byProtocol: new Map(Object.entries(byProtocol)) }
    return { message: { ...message, ...texts }, identity: { id, time, sequence } }
  }
}

/** Deduplication looks back for 5 minutes; what it finds must still be there. */
const keptMillisMin = 10 * 60 * 1_000

function archiveSettings(settings: TopicSettings): ArchiveSettings {
  const { contentBasedDeduplication, deduplicationByGroup, archiveDays } = settings
  const retentionMillis = Math.max(keptMillisMin, archiveDays * dayMillis)
  return { contentBasedDeduplication, deduplicationByGroup, retentionMillis }
}
