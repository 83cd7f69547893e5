import type { Bus } from '../../modes/bus.ts'
import { replayArn, ruleArn } from '../../modes/bus-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import { arn, description, eventSourceArn, name } from './members.ts'
import { busNameOf, ownerOf, resourceIn } from './names.ts'

/** Begins to hand the events of an archive to the rules of its bus again. */
export const startReplay = awsOperation({
  name: 'StartReplay',
  input: {
    ReplayName: { ...name, required: true },
    Description: description,
    EventSourceArn: { ...eventSourceArn, required: true },
    EventStartTime: { type: 'timestamp', required: true },
    EventEndTime: { type: 'timestamp', required: true },
    Destination: {
      type: 'structure',
      required: true,
      members: { Arn: { ...arn, required: true }, FilterArns: { type: 'list', of: arn } },
    },
  },
  async run({ archives, buses, replays }, input, context) {
    const { ReplayName, Description, EventStartTime: from, EventEndTime: to, Destination } = input
    const { kind, path } = resourceIn(input.EventSourceArn)
    const archive = kind === 'archive' ? archives.records.get(path) : undefined
    if (archive === undefined) {
      throw invalid(`Parameter EventSourceArn is not valid. Reason: Archive ${path} does not exist.`)
    }
    if (from >= to) {
      throw invalid('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.')
    }
    if (busNameOf(Destination.Arn) !== archive.bus) {
      throw invalid('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.')
    }
    const settings = {
      archive: archive.name,
      rules: (Destination.FilterArns ?? []).map((each) => ruleIn(buses.get(archive.bus), each)),
      from,
      to,
      ...(Description === undefined ? {} : { description: Description }),
    }
    const record = await replays.start(ReplayName, settings, ownerOf(context))
    return { ReplayArn: replayArn(record), State: record.state, ReplayStartTime: new Date(record.startedAt) }
  },
})

function ruleIn(bus: Bus, filterArn: string): string {
  const rule = bus.rules().find((each) => ruleArn(each) === filterArn)
  if (rule !== undefined) return rule.rule
  throw invalid(`Parameter Destination.FilterArns is not valid. Reason: Rule ${filterArn} does not exist.`)
}
