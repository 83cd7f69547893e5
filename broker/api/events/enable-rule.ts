import { awsOperation } from '../aws/operation.ts'
import { busNameOrArn, name } from './members.ts'
import { busOf } from './names.ts'

/** Has a rule match and fire again. */
export const enableRule = awsOperation({
  name: 'EnableRule',
  input: { Name: { ...name, required: true }, EventBusName: busNameOrArn },
  async run(broker, input) {
    const bus = busOf(broker, input.EventBusName)
    await broker.buses.rules.change(bus.name, input.Name, (record) => ({ ...record, enabled: true }))
    return undefined
  },
})
