import { awsOperation } from '../aws/operation.ts'
import { busNameOrArn, name, page } from './members.ts'
import { busOf, pageOf } from './names.ts'
import { ruleAnswer } from './rule-answer.ts'

/** Rules in the order of their names, a page at a time. */
export const listRules = awsOperation({
  name: 'ListRules',
  input: { NamePrefix: name, EventBusName: busNameOrArn, ...page },
  run(broker, input) {
    const rules = busOf(broker, input.EventBusName).rules()
    const wanted = rules.filter(({ rule }) => rule.startsWith(input.NamePrefix ?? ''))
    const { page: some, next } = pageOf(wanted, ({ rule }) => rule, input)
    return { Rules: some.map(ruleAnswer), NextToken: next }
  },
})
