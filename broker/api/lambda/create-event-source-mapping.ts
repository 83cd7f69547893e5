import { randomUUID } from 'node:crypto'
import type { Broker } from '../../broker.ts'
import type { FunctionTarget } from '../../modes/functions.ts'
import type { BindingRecord, BindingSource } from '../../wire/binding.ts'
import { awsOperation } from '../aws/operation.ts'
import { conflict } from './errors.ts'
import { eventSourceIn } from './event-source.ts'
import { describeMapping, mappingMembers, withMapping } from './event-source-mapping.ts'
import { functionName, tags } from './members.ts'
import { bindingTarget, type Caller, functionArn, recordOf, targetOf } from './names.ts'
import { requireFitting, requireQueueMapping } from './queue-mapping.ts'

const common = {
  batch: { recordsMax: 100, windowMillis: 0, parallel: 1, partial: false },
  retry: { retriesMax: null, ageMillisMax: null, bisect: false },
  filter: [],
  paused: false,
}

const defaults = {
  stream: common,
  queue: { ...common, batch: { ...common.batch, recordsMax: 10, parallel: 0 } },
}

/** Binds a stream or a queue to a function. */
export const createEventSourceMapping = awsOperation({
  name: 'CreateEventSourceMapping',
  http: { method: 'POST', path: '/2015-03-31/event-source-mappings', status: 202 },
  input: {
    EventSourceArn: { type: 'string' },
    FunctionName: { ...functionName, required: true },
    ...mappingMembers,
    StartingPosition: { type: 'string', enum: ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] },
    StartingPositionTimestamp: { type: 'timestamp' },
    Tags: tags,
  },
  async run(broker, input, context) {
    const source = eventSourceIn(broker, input.EventSourceArn, input, context)
    const target = targetOf(input, context)
    recordOf(broker.functions, target, context)
    requireFitting(source.kind, input)
    const settings = withMapping(broker, defaults[source.kind], input)
    if (source.kind === 'queue') requireQueueMapping(broker, source, settings.batch, target)
    requireNone(broker, source, target, context)
    const { region, account } = context
    const record = await broker.bindings.create({
      name: randomUUID(),
      source,
      target: bindingTarget(target),
      ...settings,
      region,
      account,
    })
    return describeMapping(broker, record, context, 'Creating')
  },
})

/** @throws AwsError ResourceConflictException when the source triggers the function already */
function requireNone({ bindings }: Broker, source: BindingSource, target: FunctionTarget, caller: Caller): void {
  const isSame = (each: BindingRecord) =>
    each.source.kind === source.kind &&
    each.source.arn === source.arn &&
    each.target.kind === 'function' &&
    each.target.function === target.name &&
    each.target.qualifier === target.qualifier
  const same = bindings.records.list().find(isSame)
  if (same === undefined) return
  const arn = functionArn(target.name, caller, target.qualifier)
  const update = `Please update or delete the existing mapping with UUID ${same.name}`
  throw conflict(
    source.kind === 'queue'
      ? `An event source mapping with SQS arn (" ${source.arn} ") and function (" ${arn} ") already exists. ${update}`
      : `The event source arn (" ${source.arn} ") and function (" ${arn} ") provided mapping already exists. ${update}`,
  )
}
