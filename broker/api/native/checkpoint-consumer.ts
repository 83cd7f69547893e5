import { bindingOfConsumer } from '../../wire/binding.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/**
 * Moves a consumer's checkpoints: `{shards: {"0": {next, fence?}}, member?}`. All or none, durable when answered.
 * @throws lease_lost, shard_not_found, limit_exceeded, binding_not_found
 */
export const checkpointConsumer: CallOperation = {
  method: 'POST',
  path: '/v1/streams/{stream}/consumers/{consumer}/checkpoints',
  async run(broker, request) {
    const stream = broker.streams.get(nameIn(request.params, 'stream'))
    const consumer = nameIn(request.params, 'consumer')
    const fields = new Fields(request.body)
    const given = fields.required('shards', fields.byShard('shards'))
    const member = fields.name('member')
    fields.done()
    const shards = new Map<number, { next: number; fence?: number }>()
    for (const [shard, value] of given) {
      const each = new Fields(value, `shards.${shard}.`)
      const next = each.required('next', each.integer('next', { min: 0, max: Number.MAX_SAFE_INTEGER }))
      const fence = each.integer('fence', { min: 0, max: Number.MAX_SAFE_INTEGER })
      each.done()
      shards.set(shard, fence === undefined ? { next } : { next, fence })
    }
    const binding = bindingOfConsumer(consumer)
    // Its runner may hear last that a binding was deleted, with its positions.
    if (binding !== undefined) broker.bindings.get(binding)
    await stream.checkpoint(consumer, shards, member)
    return { body: stream.consumer(consumer) }
  },
}
