import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Joins a group, renews a member's lease, gives shards back, and waits for a new assignment; see docs/wire.md, "Groups".
 * @throws limit_exceeded, member_not_found when the lease ran out while waiting
 */
export const renewMember: CallOperation = {
  method: 'PUT',
  path: '/v1/streams/{stream}/groups/{group}/members/{member}',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const group = nameIn(request.params, 'group')
    const member = nameIn(request.params, 'member')
    const { limits } = broker
    const fields = new Fields(request.body)
    const from = fields.string('from') ?? 'horizon'
    if (from !== 'horizon' && from !== 'latest') throw fields.invalid('from', 'must be horizon or latest')
    const lease = { min: limits.leaseMillisMin, max: limits.leaseMillisMax }
    const renewal = {
      leaseMillis: fields.integer('leaseMillis', lease) ?? limits.leaseMillisDefault,
      version: fields.integer('version', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
      waitMillis: fields.integer('waitMillis', { min: 0, max: limits.waitMillisMax }) ?? 0,
      released: fields.shards('released') ?? [],
      from,
    } as const
    fields.done()
    const renew = (signal: AbortSignal) => stream.renew(group, member, renewal, signal)
    return { body: await broker.waiting(request.signal, renew) }
  },
}
