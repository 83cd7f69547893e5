import type { Limits } from '../../limits.ts'
import type { SettleRequest } from '../../modes/queue-settling.ts'
import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { queueIn } from './queue-fields.ts'

/**
 * Settles messages that were received: `{delete?: [handle], visibility?: [{handle, visibilityMillis}]}`. Answers when all is durable:
 * `{delete: [null | {error}], visibility: [null | {error}]}`, in the order given.
 */
export const settleMessages: CallOperation = {
  method: 'POST',
  path: '/v1/queues/{queue}/settle',
  async run(broker, request) {
    const queue = queueIn(broker, request.params)
    const fields = new Fields(request.body)
    const deletes = (fields.array('delete') ?? []).map((handle, i) => deleteIn(fields, handle, i))
    const changes = (fields.array('visibility') ?? []).map((each, i) =>
      visibilityIn(new Fields(each, `visibility[${i}].`), broker.limits),
    )
    fields.done()
    const limit = broker.limits.messagesPerCallMax
    if (deletes.length + changes.length > limit) throw fields.invalid('delete', `must hold at most ${limit} handles`)
    const results = await queue.settle([...deletes, ...changes])
    const shown = results.map((error) => (error === undefined ? null : { error }))
    return { body: { delete: shown.slice(0, deletes.length), visibility: shown.slice(deletes.length) } }
  },
}

function deleteIn(fields: Fields, handle: unknown, place: number): SettleRequest {
  if (typeof handle !== 'string') throw fields.invalid(`delete[${place}]`, 'must be a handle')
  return { kind: 'delete', handle }
}

/** A change of visibility, as `{handle, visibilityMillis}`. */
export function visibilityIn(fields: Fields, limits: Limits): SettleRequest {
  const handle = fields.required('handle', fields.string('handle'))
  const millis = fields.integer('visibilityMillis', { min: 0, max: limits.visibilityMillisMax })
  fields.done()
  return { kind: 'visibility', handle, visibilityMillis: fields.required('visibilityMillis', millis) }
}
