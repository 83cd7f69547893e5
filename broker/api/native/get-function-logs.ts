import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { functionNameIn } from './put-function.ts'

/**
 * The lines a function wrote, those still kept: `{lines: [{number, time, text}], next}`. With `waitMillis` it waits for one when there is none
 * from number `from` on.
 */
export const getFunctionLogs: CallOperation = {
  method: 'GET',
  path: '/v1/functions/{function}/logs',
  async run(broker, request) {
    const { name } = broker.functions.get(functionNameIn(request.params))
    const fields = new Fields(request.query)
    const from = fields.integer('from', { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0
    const waitMillis = fields.integer('waitMillis', { min: 0, max: broker.limits.waitMillisMax }) ?? 0
    fields.done()
    const host = await broker.functions.host()
    const lines = await broker.waiting(request.signal, (signal) => host.logs(name, from, waitMillis, signal))
    return { body: { lines, next: (lines.at(-1)?.number ?? from - 1) + 1 } }
  },
}
