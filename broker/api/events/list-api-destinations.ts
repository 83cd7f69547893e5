import { awsOperation } from '../aws/operation.ts'
import { destinationSummary } from './destination-answer.ts'
import { connectionArn, name, page } from './members.ts'
import { pageOf } from './names.ts'

/** API destinations in the order of their names, a page at a time. */
export const listApiDestinations = awsOperation({
  name: 'ListApiDestinations',
  input: { NamePrefix: name, ConnectionArn: connectionArn, ...page },
  run(broker, input) {
    const { NamePrefix = '', ConnectionArn } = input
    const wanted = broker.buses.connections.destinations
      .list()
      .filter(
        (each) => each.name.startsWith(NamePrefix) && (ConnectionArn ?? each.connectionArn) === each.connectionArn,
      )
    const { page: some, next } = pageOf(wanted, (each) => each.name, input)
    return { ApiDestinations: some.map((each) => destinationSummary(broker, each)), NextToken: next }
  },
})
