import { awsOperation } from '../aws/operation.ts'
import { invalid } from './errors.ts'
import { busNameOrArn, name } from './members.ts'
import { busOf } from './names.ts'

/** Deletes a rule that has no targets any more; one that is not there is no error. */
export const deleteRule = awsOperation({
  name: 'DeleteRule',
  input: { Name: { ...name, required: true }, EventBusName: busNameOrArn, Force: { type: 'boolean' } },
  async run(broker, input) {
    const bus = busOf(broker, input.EventBusName)
    if ((bus.findRule(input.Name)?.targets.length ?? 0) > 0) {
      throw invalid("Rule can't be deleted since it has targets.")
    }
    await broker.buses.rules.delete(bus.name, input.Name)
    return undefined
  },
})
