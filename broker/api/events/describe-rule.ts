import { awsOperation } from '../aws/operation.ts'
import { busNameOrArn, name } from './members.ts'
import { busOf } from './names.ts'
import { ruleAnswer } from './rule-answer.ts'

/** What is known of a rule, but for its targets. */
export const describeRule = awsOperation({
  name: 'DescribeRule',
  input: { Name: { ...name, required: true }, EventBusName: busNameOrArn },
  run(broker, input) {
    const record = busOf(broker, input.EventBusName).rule(input.Name)
    return { ...ruleAnswer(record), CreatedBy: record.account }
  },
})
