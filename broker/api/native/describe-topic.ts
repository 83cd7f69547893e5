import { nameIn } from '../fields.ts'
import type { CallOperation } from '../operation.ts'
import { describeTopic as describe } from './topic-fields.ts'

/** @throws topic_not_found */
export const describeTopic: CallOperation = {
  method: 'GET',
  path: '/v1/topics/{topic}',
  run: ({ topics }, request) => ({ body: describe(topics.get(nameIn(request.params, 'topic'))) }),
}
