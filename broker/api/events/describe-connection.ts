import { awsOperation } from '../aws/operation.ts'
import { authAnswer, connectionSummary } from './connection-answer.ts'
import { name } from './members.ts'

/** What is known of a connection, but for its secrets. */
export const describeConnection = awsOperation({
  name: 'DescribeConnection',
  input: { Name: { ...name, required: true } },
  run({ buses }, input) {
    const record = buses.connections.connection(input.Name)
    const { region, account, id } = record
    return {
      ...connectionSummary(record),
      Description: record.description,
      SecretArn: `arn:aws:secretsmanager:${region}:${account}:secret:events!connection/${record.name}/${id}`,
      AuthParameters: authAnswer(record),
    }
  },
})
