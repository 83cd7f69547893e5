import { awsOperation } from '../aws/operation.ts'
import { busAnswer } from './bus-answer.ts'
import { busName, page } from './members.ts'
import { pageOf } from './names.ts'

/** Buses in the order of their names, a page at a time. */
export const listEventBuses = awsOperation({
  name: 'ListEventBuses',
  input: { NamePrefix: busName, ...page },
  run({ buses }, input, context) {
    const wanted = buses.list().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
    const { page: some, next } = pageOf(wanted, ({ name }) => name, input)
    return { EventBuses: some.map((bus) => busAnswer(bus, context)), NextToken: next }
  },
})
