import { awsOperation } from '../aws/operation.ts'
import { connectionIn, destinationMade, endpointIn } from './destination-answer.ts'
import { connectionArn, description, endpoint, httpMethod, name } from './members.ts'
import { ownerOf } from './names.ts'

const perSecondDefault = 300

/** Makes an HTTP endpoint a place that events can go to. */
export const createApiDestination = awsOperation({
  name: 'CreateApiDestination',
  input: {
    Name: { ...name, required: true },
    Description: description,
    ConnectionArn: { ...connectionArn, required: true },
    InvocationEndpoint: { ...endpoint, required: true },
    HttpMethod: { ...httpMethod, required: true },
    InvocationRateLimitPerSecond: { type: 'integer', min: 1 },
  },
  async run(broker, input, context) {
    const { Description, InvocationRateLimitPerSecond: perSecond = perSecondDefault } = input
    const record = await broker.buses.connections.createDestination({
      name: input.Name,
      ...(Description === undefined ? {} : { description: Description }),
      ...connectionIn(input.ConnectionArn),
      url: endpointIn(input.InvocationEndpoint),
      method: input.HttpMethod,
      perSecond,
      ...ownerOf(context),
    })
    return destinationMade(broker, record)
  },
})
