import { awsOperation } from '../aws/operation.ts'
import { busNameOrArn, name } from './members.ts'
import { busOf } from './names.ts'

/** Removes targets from a rule, and what is on its way to them. */
export const removeTargets = awsOperation({
  name: 'RemoveTargets',
  input: {
    Rule: { ...name, required: true },
    EventBusName: busNameOrArn,
    Ids: { type: 'list', required: true, min: 1, max: 100, of: name },
    Force: { type: 'boolean' },
  },
  async run(broker, input) {
    const bus = busOf(broker, input.EventBusName)
    const missing = await broker.buses.rules.removeTargets(bus.name, input.Rule, input.Ids)
    const FailedEntries = missing.map((TargetId) => ({
      TargetId,
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Target ${TargetId} does not exist on rule ${input.Rule}.`,
    }))
    return { FailedEntryCount: FailedEntries.length, FailedEntries }
  },
})
