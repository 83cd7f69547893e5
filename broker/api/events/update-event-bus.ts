import { awsOperation } from '../aws/operation.ts'
import { busAnswer, settingsAnswer, settingsIn } from './bus-answer.ts'
import { busName, deadLetterConfig, description, kmsKey, logConfig } from './members.ts'
import { busOf } from './names.ts'

/** Changes what is said of a bus; what is left out stays. */
export const updateEventBus = awsOperation({
  name: 'UpdateEventBus',
  input: {
    Name: busName,
    KmsKeyIdentifier: kmsKey,
    Description: description,
    DeadLetterConfig: deadLetterConfig,
    LogConfig: logConfig,
  },
  async run(broker, input, context) {
    const { name } = busOf(broker, input.Name)
    const { carried, ...settings } = settingsIn(input)
    const bus = await broker.buses.change(name, (record) => ({
      ...record,
      ...settings,
      carried: { ...record.carried, ...carried },
    }))
    const { Name, Arn } = busAnswer(bus, context) as { readonly Name: string; readonly Arn: string }
    return { Name, Arn, ...settingsAnswer(bus) }
  },
})
