import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'

/** A page of streams, by name: `?limit=100&after=NAME` → `{streams, next?}`. */
export const listStreams: CallOperation = {
  method: 'GET',
  path: '/v1/streams',
  run(broker, request) {
    const fields = new Fields(request.query)
    const limit = fields.integer('limit', { min: 1, max: 1_000 }) ?? 100
    const after = fields.name('after') ?? ''
    fields.done()
    const rest = broker.streams.list().filter((stream) => stream.name > after)
    const streams = rest.slice(0, limit).map((stream) => stream.summary())
    return { body: rest.length > limit ? { streams, next: streams.at(-1)?.name } : { streams } }
  },
}
