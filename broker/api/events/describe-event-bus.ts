import { awsOperation } from '../aws/operation.ts'
import { busAnswer, settingsAnswer } from './bus-answer.ts'
import { busNameOrArn } from './members.ts'
import { busOf } from './names.ts'

/** What is known of a bus; of the default one when there is no name. */
export const describeEventBus = awsOperation({
  name: 'DescribeEventBus',
  input: { Name: busNameOrArn },
  run(broker, input, context) {
    const bus = busOf(broker, input.Name)
    return { ...busAnswer(bus, context), ...settingsAnswer(bus) }
  },
})
