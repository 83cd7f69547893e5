import { placeOf } from '../../modes/bus-target.ts'
import { awsOperation } from '../aws/operation.ts'
import { limitExceeded } from './errors.ts'
import { busNameOrArn, name } from './members.ts'
import { busOf } from './names.ts'
import { target } from './target-members.ts'
import { targetIn } from './targets.ts'

const targetsPerCallMax = 10

/**
 * Adds targets to a rule, or puts them in the place of those with the same id. What events cannot go to here is refused, target by target.
 */
export const putTargets = awsOperation({
  name: 'PutTargets',
  input: {
    Rule: { ...name, required: true },
    EventBusName: busNameOrArn,
    Targets: { type: 'list', required: true, min: 1, max: 100, of: target },
  },
  async run(broker, input) {
    const bus = busOf(broker, input.EventBusName)
    bus.rule(input.Rule)
    if (input.Targets.length > targetsPerCallMax) throw limitExceeded()
    const targets = input.Targets.map(targetIn)
    const known = targets.filter(({ arn }) => placeOf(arn) !== undefined)
    if (known.length > 0) await broker.buses.rules.putTargets(bus.name, input.Rule, known)
    const FailedEntries = targets
      .filter((each) => !known.includes(each))
      .map(({ id, arn }) => ({
        TargetId: id,
        ErrorCode: 'ValidationException',
        ErrorMessage: `${arn} names nothing that events can go to here.`,
      }))
    return { FailedEntryCount: FailedEntries.length, FailedEntries }
  },
})
