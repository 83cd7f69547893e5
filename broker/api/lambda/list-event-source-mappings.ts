import { isReading } from '../../wire/binding.ts'
import { awsOperation } from '../aws/operation.ts'
import { describeMapping, optionalFunctionName } from './event-source-mapping.ts'
import { marker, maxItems } from './members.ts'
import { pageOf, targetOf } from './names.ts'

/** Mappings, of one source or one function if that is said. */
export const listEventSourceMappings = awsOperation({
  name: 'ListEventSourceMappings',
  http: { method: 'GET', path: '/2015-03-31/event-source-mappings' },
  input: {
    EventSourceArn: { type: 'string', at: 'query' },
    FunctionName: { ...optionalFunctionName, at: 'query' },
    Marker: marker,
    MaxItems: maxItems,
  },
  run(broker, input, context) {
    const wanted =
      input.FunctionName === undefined ? undefined : targetOf({ FunctionName: input.FunctionName }, context)
    const all = broker.bindings.records.list().filter((record) => {
      const { source, target } = record
      if (target.kind !== 'function' || !isReading(record)) return false
      if (wanted !== undefined && (target.function !== wanted.name || target.qualifier !== wanted.qualifier))
        return false
      return input.EventSourceArn === undefined || source.arn === input.EventSourceArn
    })
    const { page, next } = pageOf(all, ({ name }) => name, input)
    return { EventSourceMappings: page.map((record) => describeMapping(broker, record, context)), NextMarker: next }
  },
})
