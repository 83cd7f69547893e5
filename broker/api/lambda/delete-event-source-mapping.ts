import { awsOperation } from '../aws/operation.ts'
import { describeMapping, mappingOf, uuid } from './event-source-mapping.ts'

/** Deletes a mapping and its positions; a batch under way is finished. */
export const deleteEventSourceMapping = awsOperation({
  name: 'DeleteEventSourceMapping',
  http: { method: 'DELETE', path: '/2015-03-31/event-source-mappings/{UUID}', status: 202 },
  input: { UUID: uuid },
  async run(broker, input, context) {
    mappingOf(broker, input.UUID)
    return describeMapping(broker, await broker.bindings.delete(input.UUID), context, 'Deleting')
  },
})
