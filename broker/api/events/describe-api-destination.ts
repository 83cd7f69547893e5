import { awsOperation } from '../aws/operation.ts'
import { destinationSummary } from './destination-answer.ts'
import { name } from './members.ts'

/** What is known of an API destination. */
export const describeApiDestination = awsOperation({
  name: 'DescribeApiDestination',
  input: { Name: { ...name, required: true } },
  run(broker, input) {
    const record = broker.buses.connections.destination(input.Name)
    return { ...destinationSummary(broker, record), Description: record.description }
  },
})
