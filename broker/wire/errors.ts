import { accessErrors } from './access-errors.ts'
import { busErrors } from './bus-errors.ts'
import type { ErrorRow } from './error-row.ts'
import { functionErrors } from './function-errors.ts'
import { queueErrors } from './queue-errors.ts'
import { scheduleErrors } from './schedule-errors.ts'
import { socketErrors } from './socket-errors.ts'
import { topicErrors } from './topic-errors.ts'

/**
 * Every error the broker can answer with, keyed by code. `status` is the HTTP status, `retry` says whether the same
 * request may succeed later, `text` says what happened, `fix` what to do; `{name}` is filled from the error's details.
 * Protocol dialects (AWS) translate these in dispatch and nowhere else.
 */
export const errorTable = {
  ...accessErrors,
  ...busErrors,
  ...functionErrors,
  ...queueErrors,
  ...scheduleErrors,
  ...socketErrors,
  ...topicErrors,
  bad_request: { status: 400, retry: false, text: '{reason}', fix: 'See docs/wire.md for what this request takes.' },
  invalid_field: { status: 400, retry: false, text: '{field} {reason}', fix: 'Correct that field and send it again.' },
  unauthorized: {
    status: 401,
    retry: false,
    text: '{reason}',
    fix: 'Send the token or key this broker was started with.',
  },
  route_not_found: {
    status: 404,
    retry: false,
    text: 'There is no {method} {path}.',
    fix: 'See docs/wire.md for the list of paths.',
  },
  method_not_allowed: {
    status: 405,
    retry: false,
    text: '{path} does not take {method}.',
    fix: 'Use one of: {allowed}.',
  },
  stream_not_found: {
    status: 404,
    retry: false,
    text: 'There is no stream {stream}.',
    fix: 'Create it: millrace stream create {stream}',
  },
  stream_exists: {
    status: 409,
    retry: false,
    text: 'Stream {stream} exists already.',
    fix: 'Use it, choose another name, or delete it first.',
  },
  shard_not_found: {
    status: 404,
    retry: false,
    text: 'Stream {stream} has no shard {shard}.',
    fix: 'List its shards: millrace stream describe {stream}',
  },
  shard_closed: {
    status: 409,
    retry: true,
    text: 'Shard {shard} of stream {stream} was split or merged.',
    fix: 'Read the shard list again and route to its children.',
  },
  not_adjacent: {
    status: 400,
    retry: false,
    text: 'Shards {shard} and {other} of stream {stream} are not adjacent.',
    fix: 'Merge two open shards whose hash ranges touch.',
  },
  consumer_not_found: {
    status: 404,
    retry: false,
    text: 'Stream {stream} has no consumer {consumer}.',
    fix: 'A consumer exists from its first checkpoint on.',
  },
  lease_lost: {
    status: 409,
    retry: false,
    text: 'Shard {shard} is no longer leased to {member} (its fence is {fence}).',
    fix: 'Stop work on that shard; another member owns it now.',
  },
  member_not_found: {
    status: 404,
    retry: true,
    text: 'Group {group} has no member {member}.',
    fix: 'Join again: the lease ran out, or the broker restarted.',
  },
  group_active: {
    status: 409,
    retry: true,
    text: 'Group {group} is at work (members: {members}).',
    fix: 'Stop them first; or use --force, and expect them to write their own checkpoints over it.',
  },
  limit_exceeded: {
    status: 409,
    retry: false,
    text: '{what} is at its limit of {limit}.',
    fix: 'Remove one first, or ask for less.',
  },
  record_too_large: {
    status: 413,
    retry: false,
    text: 'A record of {bytes} bytes is over the limit of {limit}.',
    fix: "Send less, or raise the stream's recordBytesMax (up to 10 MiB).",
  },
  body_too_large: {
    status: 413,
    retry: false,
    text: 'A body of more than {limit} bytes is not taken here.',
    fix: 'Split it into several requests.',
  },
  head_too_large: {
    status: 431,
    retry: false,
    text: 'The head of a request is over the limit of {limit} bytes.',
    fix: 'Send fewer or shorter headers, or a shorter path.',
  },
  too_slow: {
    status: 408,
    retry: true,
    text: 'The request did not come whole in time.',
    fix: 'Send it again, in smaller parts if the line is slow.',
  },
  block_malformed: { status: 400, retry: false, text: 'Malformed block: {reason}.', fix: 'See docs/wire.md, "Block".' },
  block_version: {
    status: 400,
    retry: false,
    text: 'Block version {version} is not known here (this broker speaks {known}).',
    fix: 'Use a client of the same major version.',
  },
  block_crc: {
    status: 400,
    retry: true,
    text: "The block's CRC does not match its bytes (said {said}, is {actual}).",
    fix: 'It was damaged on the way: send it again.',
  },
  frame_malformed: {
    status: 400,
    retry: false,
    text: 'Malformed frame: {reason}.',
    fix: 'See docs/wire.md, "Frames".',
  },
  out_of_order: {
    status: 409,
    retry: true,
    text: 'Producer {producer} sent sequence {sequence} where {expected} was next.',
    fix: 'Send the earlier block again first.',
  },
  throttled: {
    status: 429,
    retry: true,
    text: 'Too many bytes in flight ({bytes} of {limit}).',
    fix: 'Wait for acknowledgements, then send again.',
  },
  store_full: {
    status: 507,
    retry: true,
    text: 'No space left for the log: {reason}.',
    fix: 'Free disk space or shorten retention; writing resumes by itself.',
  },
  store_failed: {
    status: 503,
    retry: true,
    text: 'The log cannot be written: {reason}.',
    fix: "Look at the broker's output; it needs a restart once the disk is sound.",
  },
  store_locked: {
    status: 503,
    retry: false,
    text: 'Another broker (pid {pid}) uses the data directory {path}.',
    fix: 'Stop it, or start this one with another --data.',
  },
  store_unusable: {
    status: 503,
    retry: false,
    text: 'The data directory {path} cannot be used: {reason}.',
    fix: 'Make it writable for this user, or choose another --data.',
  },
  listen_failed: {
    status: 503,
    retry: false,
    text: 'Cannot listen on {address}: {reason}.',
    fix: 'Choose another --host or --port, or stop the other program.',
  },
  unsafe_address: {
    status: 400,
    retry: false,
    text: '{host} can be reached by others, and neither a token nor AWS credentials are set.',
    fix: 'Set --token, --aws-credentials or both, or say --insecure if everyone who reaches it may use it.',
  },
  store_format: {
    status: 503,
    retry: false,
    text: 'The data directory {path} has format {found}; this broker knows {known}. Nothing was changed.',
    fix: 'Start the version that wrote it, or use another --data.',
  },
  store_corrupt: {
    status: 503,
    retry: false,
    text: 'Damaged data at commit {commit}: {reason}.',
    fix: 'Restore that segment from a copy; what is damaged is never delivered.',
  },
  trimmed: {
    status: 410,
    retry: false,
    text: 'Sequence {sequence} of shard {shard} is past its retention; the oldest kept is {oldest}.',
    fix: 'Start from horizon.',
  },
  draining: {
    status: 503,
    retry: true,
    text: 'This broker is shutting down.',
    fix: 'Connect again; the client library does so by itself.',
  },
  clock_not_manual: {
    status: 409,
    retry: false,
    text: 'The clock is the real one.',
    fix: 'Start the broker with --clock manual to move time by hand.',
  },
  cancelled: { status: 499, retry: false, text: '{what} was cancelled.', fix: 'Nothing: somebody asked for it.' },
  unavailable: {
    status: 503,
    retry: true,
    text: 'The broker at {url} cannot be reached: {reason}.',
    fix: 'Start it (millrace serve, or npm start in a checkout), or check the address.',
  },
  internal: {
    status: 500,
    retry: true,
    text: 'An unexpected fault: {reason}.',
    fix: "Please report it, with the broker's output.",
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorTable
export type ErrorDetails = Readonly<Record<string, string | number | bigint>>

/** The one error class: a code of the table, its details, and the cause where there is one. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(fill(errorTable[code].text, details), cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }

  /** The HTTP status that carries this error. */
  get status(): number {
    return errorTable[this.code].status
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return errorTable[this.code].retry
  }

  /** What the reader can do about it. */
  get fix(): string {
    return fill(errorTable[this.code].fix, this.details)
  }

  /** The shape errors have on the native wire: {code, message, fix, retryable, details}. */
  toJSON(): ErrorBody {
    const details = Object.fromEntries(
      Object.entries(this.details).map(([k, v]) => [k, typeof v === 'bigint' ? `${v}` : v]),
    )
    return { code: this.code, message: this.message, fix: this.fix, retryable: this.retryable, details }
  }

  /**
   * An error read back from the wire. It may be anything: a code this version doesn't know becomes `internal`, and of the
   * details only text and numbers are kept.
   */
  static from(body: unknown): MillraceError {
    const { code, message, details } = (typeof body === 'object' && body !== null ? body : {}) as Partial<ErrorBody>
    if (typeof code === 'string' && Object.hasOwn(errorTable, code)) {
      return new MillraceError(code as ErrorCode, plainDetails(details))
    }
    return new MillraceError('internal', { reason: typeof message === 'string' ? message : 'an error without a text' })
  }

  /** `error` itself if it is ours, else an `internal` one that keeps it as its cause. */
  static wrap(error: unknown): MillraceError {
    if (error instanceof MillraceError) return error
    return new MillraceError('internal', { reason: error instanceof Error ? error.message : String(error) }, error)
  }
}

/** An error as JSON. */
export interface ErrorBody {
  code: string
  message: string
  fix: string
  retryable: boolean
  details: Record<string, string | number>
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (hole, name: string) => String(details[name] ?? hole))
}

function plainDetails(details: unknown): ErrorDetails {
  if (typeof details !== 'object' || details === null) return {}
  const kept = Object.entries(details).filter(([, value]) => typeof value === 'string' || typeof value === 'number')
  return Object.fromEntries(kept) as ErrorDetails
}
