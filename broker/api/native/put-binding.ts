import type { BindingSource } from '../../wire/binding.ts'
import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { bindingIn } from './binding-settings.ts'
import { requireTarget } from './binding-target.ts'

/**
 * Makes a binding, or changes one, which then goes on from where it is.
 * @throws binding_owned, stream_not_found, queue_not_found, function_not_found, pattern_invalid, limit_exceeded
 */
export const putBinding: CallOperation = {
  method: 'PUT',
  path: '/v1/bindings/{binding}',
  async run(broker, request) {
    const { bindings, limits } = broker
    const name = nameIn(request.params, 'binding')
    const fields = new Fields(request.body)
    const binding = bindingIn(name, fields, limits)
    fields.done()
    for (const target of [binding.target, binding.deadLetter]) requireTarget(broker, target)
    if (bindings.records.get(name) === undefined)
      return { status: 201, body: bindings.describe(await bindings.create(binding)) }
    if (!isSame(bindings.getOwn(name).source, binding.source)) {
      throw fields.invalid('source', 'cannot be changed: its positions are those of another source')
    }
    bindings.require(binding)
    const changed = await bindings.change(name, ({ revision, createdAt, modifiedAt, source }) => {
      return { ...binding, source, revision, createdAt, modifiedAt }
    })
    return { body: bindings.describe(changed) }
  },
}

function isSame(one: BindingSource, other: BindingSource): boolean {
  if (one.kind === 'queue') return other.kind === 'queue' && one.queue === other.queue
  return one.kind === 'stream' && other.kind === 'stream' && one.stream === other.stream
}
