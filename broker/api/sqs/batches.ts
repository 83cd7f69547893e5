import { AwsError } from '../../wire/aws-error.ts'
import type { Member, Members } from '../../wire/aws-shape.ts'
import { MillraceError } from '../../wire/errors.ts'
import type { AwsContext } from '../aws/operation.ts'
import { translate } from '../aws/translate.ts'
import { batchEntryIdsNotDistinct, emptyBatchRequest, invalidBatchEntryId, tooManyEntries } from './errors.ts'
import { translateSqs } from './translate.ts'

const entriesMax = 10

interface Entry {
  readonly Id?: string
}

/**
 * Checks the size and the ids of a batch; `name` is what AWS calls its entries.
 * @throws AwsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function requireBatch<E extends Entry>(entries: readonly E[] | undefined, name: string): readonly E[] {
  if (entries === undefined || entries.length === 0) throw emptyBatchRequest(name)
  if (entries.length > entriesMax) throw tooManyEntries(entries.length)
  const seen = new Set<string>()
  for (const { Id = '' } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) throw invalidBatchEntryId()
    if (seen.has(Id)) throw batchEntryIdsNotDistinct(Id)
    seen.add(Id)
  }
  return entries
}

/** The answer to a batch: entries that failed have an error in `results`, those that did not have their output. */
export function batchOutput(
  entries: readonly Entry[],
  results: readonly (object | undefined)[],
  context: AwsContext,
): { Successful: object[]; Failed?: object[] } {
  const Successful: object[] = []
  const Failed: object[] = []
  for (const [i, entry] of entries.entries()) {
    const result = results[i]
    if (result instanceof Error) Failed.push(failureOf(entry, result, context))
    else Successful.push({ Id: entry.Id, ...result })
  }
  return Failed.length === 0 ? { Successful } : { Successful, Failed }
}

function failureOf(entry: Entry, error: Error, context: AwsContext): object {
  const own = error instanceof MillraceError ? translateSqs(error, context, entry) : undefined
  const translated = own ?? (error instanceof AwsError ? error : translate(error))
  // Within a batch SQS has only one code for what is missing or wrong.
  const missing = translated.queryCode === 'MissingParameter'
  const Code = missing ? 'InvalidParameterValue' : translated.queryCode
  return { Id: entry.Id, Code, Message: translated.message, SenderFault: translated.fault === 'Sender' }
}

/** The answer's table; `entry` is what Query calls an entry that did not fail. */
export function batchMembers(entry: string, members: Members = {}): Members {
  const list = (flattened: string, of: Members): Member => ({
    type: 'list',
    of: { type: 'structure', members: of },
    flattened,
  })
  return { Successful: list(entry, members), Failed: list('BatchResultErrorEntry', {}) }
}
