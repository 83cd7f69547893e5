import type { OpenWindow, RecordMark, WindowProgress } from '../../wire/binding.ts'
import { MillraceError } from '../../wire/errors.ts'
import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { windowIn, windowPath } from './binding-window.ts'

const anyNumber = { min: 0, max: Number.MAX_SAFE_INTEGER }

/**
 * Keeps the state of a shard's open window with the position it belongs to; durable when answered.
 * @throws binding_not_found
 */
export const putBindingWindow: CallOperation = {
  method: 'PUT',
  path: windowPath,
  async run({ bindings, limits }, request) {
    const { name, shard } = windowIn(request)
    bindings.get(name)
    const progress = progressIn(request.body)
    const state = JSON.stringify(progress.window?.state) ?? ''
    if (Buffer.byteLength(state) > limits.bindingStateBytesMax) {
      const reason = `must have at most ${limits.bindingStateBytesMax} bytes as JSON`
      throw new MillraceError('invalid_field', { field: 'window.state', reason })
    }
    await bindings.windows.put(name, shard, progress)
    return { status: 204 }
  },
}

function progressIn(body: unknown): WindowProgress {
  const fields = new Fields(body)
  const next = fields.required('next', fields.integer('next', anyNumber))
  const window = fields.has('window') ? openWindowIn(fields.raw('window')) : undefined
  fields.done()
  return window === undefined ? { next } : { next, window }
}

function openWindowIn(value: unknown): OpenWindow {
  const fields = new Fields(value, 'window.')
  const integer = (name: string) => fields.required(name, fields.integer(name, anyNumber))
  const window = {
    start: integer('start'),
    end: integer('end'),
    state: fields.raw('state') ?? null,
    first: markIn(fields, 'first'),
    last: markIn(fields, 'last'),
    count: integer('count'),
  }
  fields.done()
  return window
}

function markIn(fields: Fields, name: string): RecordMark {
  const mark = new Fields(fields.required(name, fields.raw(name)), `window.${name}.`)
  const integer = (field: string) => mark.required(field, mark.integer(field, anyNumber))
  const read = { sequence: integer('sequence'), time: integer('time') }
  mark.done()
  return read
}
