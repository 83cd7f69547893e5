import { Fields, nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { configIn, describeFunction } from './function-settings.ts'

/**
 * Adds a function, or changes one: `path` of a directory or `zip` as base64, `handler`, and what else is to differ from the defaults.
 * @throws function_code, limit_exceeded
 */
export const putFunction: CallOperation = {
  method: 'PUT',
  path: '/v1/functions/{function}',
  async run(broker, request) {
    const name = functionNameIn(request.params)
    const { functions } = broker
    const fields = new Fields(request.body)
    const there = functions.records.get(name)
    const config = await configIn(fields, functions, name, there?.latest)
    fields.done()
    if (there === undefined) return { status: 201, body: describeFunction(await functions.create(name, config)) }
    const changed = await functions.change(name, (record) => ({ ...record, latest: config }))
    await functions.retire(name)
    return { body: describeFunction(changed) }
  },
}

/** Names of functions are narrower than those of streams: AWS's. */
export function functionNameIn(params: Readonly<Record<string, string>>): string {
  const name = nameIn(params, 'function')
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name
  throw new Fields(params).invalid('function', 'must be 1 to 64 of the characters A-Z a-z 0-9 _ -')
}
