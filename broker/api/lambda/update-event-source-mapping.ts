import { awsOperation } from '../aws/operation.ts'
import {
  describeMapping,
  mappingMembers,
  mappingOf,
  optionalFunctionName,
  uuid,
  withMapping,
} from './event-source-mapping.ts'
import { bindingTarget, recordOf, targetOf } from './names.ts'
import { requireFitting, requireQueueMapping } from './queue-mapping.ts'

/** Changes a mapping; it goes on from where it is. */
export const updateEventSourceMapping = awsOperation({
  name: 'UpdateEventSourceMapping',
  http: { method: 'PUT', path: '/2015-03-31/event-source-mappings/{UUID}', status: 202 },
  input: { UUID: uuid, FunctionName: optionalFunctionName, ...mappingMembers },
  async run(broker, input, context) {
    const there = mappingOf(broker, input.UUID)
    requireFitting(there.source.kind, input)
    const target =
      input.FunctionName === undefined ? undefined : targetOf({ FunctionName: input.FunctionName }, context)
    if (target !== undefined) recordOf(broker.functions, target, context)
    const record = await broker.bindings.change(input.UUID, ({ deadLetter, ...rest }) => {
      const base = deadLetter === undefined ? rest : { ...rest, deadLetter }
      const changed = { ...rest, ...withMapping(broker, base, input) }
      const to = target === undefined ? changed.target : bindingTarget(target)
      if (changed.source.kind === 'queue' && to.kind === 'function') {
        requireQueueMapping(broker, changed.source, changed.batch, { ...to, name: to.function })
      }
      return { ...changed, target: to }
    })
    return describeMapping(broker, record, context, 'Updating')
  },
})
