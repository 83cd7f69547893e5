import { awsOperation } from '../aws/operation.ts'
import { busNameOrArn, name, page } from './members.ts'
import { busOf, pageOf } from './names.ts'
import { targetAnswer } from './targets.ts'

/** The targets of a rule. */
export const listTargetsByRule = awsOperation({
  name: 'ListTargetsByRule',
  input: { Rule: { ...name, required: true }, EventBusName: busNameOrArn, ...page },
  run(broker, input) {
    const { targets } = busOf(broker, input.EventBusName).rule(input.Rule)
    const sorted = [...targets].sort((a, b) => (a.id < b.id ? -1 : 1))
    const { page: some, next } = pageOf(sorted, ({ id }) => id, input)
    return { Targets: some.map(targetAnswer), NextToken: next }
  },
})
