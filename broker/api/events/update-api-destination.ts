import { awsOperation } from '../aws/operation.ts'
import { connectionIn, destinationMade, endpointIn } from './destination-answer.ts'
import { connectionArn, description, endpoint, httpMethod, name } from './members.ts'

/** Changes an API destination; what is left out stays. */
export const updateApiDestination = awsOperation({
  name: 'UpdateApiDestination',
  input: {
    Name: { ...name, required: true },
    Description: description,
    ConnectionArn: connectionArn,
    InvocationEndpoint: endpoint,
    HttpMethod: httpMethod,
    InvocationRateLimitPerSecond: { type: 'integer', min: 1 },
  },
  async run(broker, input) {
    const { Name, Description, ConnectionArn, InvocationEndpoint, HttpMethod, InvocationRateLimitPerSecond } = input
    const record = await broker.buses.connections.changeDestination(Name, (current) => ({
      ...current,
      ...(Description === undefined ? {} : { description: Description }),
      ...(ConnectionArn === undefined ? {} : connectionIn(ConnectionArn)),
      ...(InvocationEndpoint === undefined ? {} : { url: endpointIn(InvocationEndpoint) }),
      ...(HttpMethod === undefined ? {} : { method: HttpMethod }),
      ...(InvocationRateLimitPerSecond === undefined ? {} : { perSecond: InvocationRateLimitPerSecond }),
    }))
    await broker.buses.rules.destinationChanged(Name)
    return destinationMade(broker, record)
  },
})
