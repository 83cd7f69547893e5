import { awsOperation } from '../aws/operation.ts'
import { describeMapping, mappingOf, uuid } from './event-source-mapping.ts'

/** A mapping, and how it fares. */
export const getEventSourceMapping = awsOperation({
  name: 'GetEventSourceMapping',
  http: { method: 'GET', path: '/2015-03-31/event-source-mappings/{UUID}' },
  input: { UUID: uuid },
  run: (broker, input, context) => describeMapping(broker, mappingOf(broker, input.UUID), context),
})
