import type { Broker } from '../../broker.ts'
import type { Bus } from '../../modes/bus.ts'
import type { BusEvent } from '../../modes/bus-event.ts'
import { MillraceError } from '../../wire/errors.ts'
import { type AwsContext, awsOperation } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import { busNameOrArn } from './members.ts'
import { busNameOf, ownerOf } from './names.ts'

interface Entry {
  readonly Time?: number
  readonly Source?: string
  readonly Resources?: readonly string[]
  readonly DetailType?: string
  readonly Detail?: string
  readonly EventBusName?: string
  readonly TraceHeader?: string
}

interface Refused {
  readonly ErrorCode: string
  readonly ErrorMessage: string
}

/**
 * Puts events. Those that are as they must be are kept and handed to targets, all in one commit; the others are answered one by one. An event
 * for a bus that is not there gets an id and is gone, as AWS has it.
 */
export const putEvents = awsOperation({
  name: 'PutEvents',
  input: {
    Entries: {
      type: 'list',
      required: true,
      min: 1,
      max: 10,
      of: {
        type: 'structure',
        members: {
          Time: { type: 'timestamp' },
          Source: { type: 'string' },
          Resources: { type: 'list', of: { type: 'string', max: 2048 } },
          DetailType: { type: 'string' },
          Detail: { type: 'string' },
          EventBusName: busNameOrArn,
          TraceHeader: { type: 'string', min: 1, max: 500 },
        },
      },
    },
    EndpointId: { type: 'string', min: 1, max: 50 },
  },
  async run(broker, input, context) {
    const bytes = input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
    if (bytes > broker.limits.eventsBytesMax)
      throw invalid('Total size of the entries in the request is over the limit.')
    const taken: { readonly bus: Bus; readonly event: BusEvent }[] = []
    const answers = input.Entries.map((entry) => {
      const event = eventIn(broker, entry, context)
      if ('ErrorCode' in event) return event
      const bus = broker.buses.find(busNameOf(entry.EventBusName))
      if (bus !== undefined) taken.push({ bus, event })
      return { EventId: event.id }
    })
    if (taken.length > 0) await broker.buses.publish(taken)
    return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers }
  },
})

function eventIn({ buses }: Broker, entry: Entry, context: AwsContext): BusEvent | Refused {
  for (const member of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[member]) return missing(member)
  }
  const { Source: source = '', DetailType: detailType = '', Detail: detail = '' } = entry
  const trace = entry.TraceHeader ?? context.trace
  try {
    return buses.prepare(
      {
        ...{ source, detailType, detail, resources: entry.Resources ?? [] },
        ...(entry.Time === undefined ? {} : { time: entry.Time }),
        ...(trace === undefined ? {} : { trace }),
      },
      ownerOf(context),
    )
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'event_malformed') throw error
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
  }
}

function missing(member: string): Refused {
  const ErrorMessage = `Parameter ${member} is not valid. Reason: ${member} is a required argument.`
  return { ErrorCode: 'InvalidArgument', ErrorMessage }
}

/** As EventBridge counts it ("Calculating Amazon EventBridge PutEvents event entry size"). */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources]
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14)
}
