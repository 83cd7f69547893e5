import { randomUUID } from 'node:crypto'
import type { StreamSource } from '../../wire/binding.ts'
import { validationError } from '../aws/input.ts'
import { awsOperation } from '../aws/operation.ts'
import { conflict, invalidParameter } from './errors.ts'
import { describeMapping, mappingMembers, sourceStreamIn, withMapping } from './event-source-mapping.ts'
import { functionName, tags } from './members.ts'
import { functionArn, recordOf, targetOf } from './names.ts'

const defaults = {
  batch: { recordsMax: 100, windowMillis: 0, parallel: 1, partial: false },
  retry: { retriesMax: null, ageMillisMax: null, bisect: false },
  filter: [],
  paused: false,
}

/** Binds a stream to a function. */
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
    const { bindings, functions } = broker
    if (input.EventSourceArn === undefined) throw invalidParameter('Unrecognized event source.')
    const stream = sourceStreamIn(broker, input.EventSourceArn, context)
    const target = targetOf(input, context)
    recordOf(functions, target, context)
    const source: StreamSource = { kind: 'stream', stream, from: startIn(input), arn: input.EventSourceArn }
    const { name, qualifier } = target
    const same = bindings.records
      .list()
      .find(
        (each) =>
          each.source.arn === source.arn &&
          each.target.kind === 'function' &&
          each.target.function === name &&
          each.target.qualifier === qualifier,
      )
    if (same !== undefined) {
      throw conflict(
        `The event source arn (" ${source.arn} ") and function (" ${functionArn(name, context, qualifier)} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${same.name}`,
      )
    }
    const { region, account } = context
    const record = await bindings.create({
      name: randomUUID(),
      source,
      target: { kind: 'function', function: name, ...(qualifier === undefined ? {} : { qualifier }) },
      ...withMapping(broker, defaults, input),
      region,
      account,
    })
    return describeMapping(broker, record, context, 'Creating')
  },
})

function startIn(input: {
  readonly StartingPosition?: string
  readonly StartingPositionTimestamp?: number
}): StreamSource['from'] {
  switch (input.StartingPosition) {
    case 'TRIM_HORIZON':
      return 'horizon'
    case 'LATEST':
      return 'latest'
    case 'AT_TIMESTAMP':
      if (input.StartingPositionTimestamp !== undefined) return { time: input.StartingPositionTimestamp }
      throw invalidParameter('StartingPositionTimestamp is required with AT_TIMESTAMP.')
    default:
      throw validationError(["Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."])
  }
}
