import { awsOperation } from '../aws/operation.ts'
import { arn, busNameOrArn, page } from './members.ts'
import { busOf, pageOf } from './names.ts'

/** The rules that have a target of that ARN. */
export const listRuleNamesByTarget = awsOperation({
  name: 'ListRuleNamesByTarget',
  input: { TargetArn: { ...arn, required: true }, EventBusName: busNameOrArn, ...page },
  run(broker, input) {
    const rules = busOf(broker, input.EventBusName).rules()
    const names = rules.filter(({ targets }) => targets.some((target) => target.arn === input.TargetArn))
    const { page: some, next } = pageOf(names, ({ rule }) => rule, input)
    return { RuleNames: some.map(({ rule }) => rule), NextToken: next }
  },
})
