import { awsOperation } from '../aws/operation.ts'
import { busNameOrArn, name } from './members.ts'
import { busOf } from './names.ts'

/** Has a rule match and fire no more; what is on its way to its targets is still delivered. */
export const disableRule = awsOperation({
  name: 'DisableRule',
  input: { Name: { ...name, required: true }, EventBusName: busNameOrArn },
  async run(broker, input) {
    const bus = busOf(broker, input.EventBusName)
    await broker.buses.rules.change(bus.name, input.Name, (record) => ({ ...record, enabled: false }))
    return undefined
  },
})
