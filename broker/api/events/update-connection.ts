import { awsOperation } from '../aws/operation.ts'
import { connectionAnswer } from './connection-answer.ts'
import { authOf, authorizationType, authParameters, parametersOf } from './connection-members.ts'
import { description, kmsKey, name } from './members.ts'

/** Changes a connection; what is left out stays. */
export const updateConnection = awsOperation({
  name: 'UpdateConnection',
  input: {
    Name: { ...name, required: true },
    Description: description,
    AuthorizationType: authorizationType,
    AuthParameters: authParameters,
    KmsKeyIdentifier: kmsKey,
  },
  async run({ buses, clock }, input) {
    const { Name, Description, AuthorizationType, AuthParameters = {} } = input
    const record = await buses.connections.changeConnection(Name, (current) => {
      const authKind = AuthorizationType ?? current.authKind
      return {
        ...current,
        ...(Description === undefined ? {} : { description: Description }),
        authKind,
        auth: authOf(authKind, AuthParameters, current.auth),
        parameters: parametersOf(AuthParameters.InvocationHttpParameters) ?? current.parameters,
        authorizedAt: clock.now(),
      }
    })
    return connectionAnswer(record)
  },
})
