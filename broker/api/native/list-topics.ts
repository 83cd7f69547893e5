import { Fields } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeTopic } from './topic-fields.ts'

/** A page of topics, by name: `?limit=100&after=NAME` → `{topics, next?}`. */
export const listTopics: CallOperation = {
  method: 'GET',
  path: '/v1/topics',
  run({ topics }, request) {
    const fields = new Fields(request.query)
    const limit = fields.integer('limit', { min: 1, max: 1_000 }) ?? 100
    const after = fields.string('after') ?? ''
    fields.done()
    const rest = topics.list().filter(({ name }) => name > after)
    const page = rest.slice(0, limit).map(describeTopic)
    return { body: rest.length > limit ? { topics: page, next: page.at(-1)?.name } : { topics: page } }
  },
}
