import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { bindingIn } from './binding-settings.ts'

/**
 * Makes a binding, or changes one, which then goes on from where it is.
 * @throws stream_not_found, function_not_found, pattern_invalid, limit_exceeded
 */
export const putBinding: CallOperation = {
  method: 'PUT',
  path: '/v1/bindings/{binding}',
  async run({ bindings, functions, streams, limits }, request) {
    const name = nameIn(request.params, 'binding')
    const fields = new Fields(request.body)
    const binding = bindingIn(name, fields, limits)
    fields.done()
    streams.get(binding.source.stream)
    for (const target of [binding.target, binding.deadLetter]) {
      if (target?.kind === 'function') functions.resolve({ ...target, name: target.function })
      else if (target?.kind === 'stream') streams.get(target.stream)
    }
    const there = bindings.records.get(name)
    if (there === undefined) return { status: 201, body: bindings.describe(await bindings.create(binding)) }
    if (there.source.stream !== binding.source.stream) {
      throw fields.invalid('source.stream', 'cannot be changed: its positions are those of another stream')
    }
    return {
      body: bindings.describe(
        await bindings.change(name, (record) => ({ ...record, ...binding, source: record.source })),
      ),
    }
  },
}
