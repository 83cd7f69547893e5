import { awsOperation } from '../aws/operation.ts'
import { connectionAnswer } from './connection-answer.ts'
import { authOf, authorizationType, authParameters, noParameters, parametersOf } from './connection-members.ts'
import { description, kmsKey, name } from './members.ts'
import { ownerOf } from './names.ts'

/** Keeps how calls of API destinations are let in there. */
export const createConnection = awsOperation({
  name: 'CreateConnection',
  input: {
    Name: { ...name, required: true },
    Description: description,
    AuthorizationType: { ...authorizationType, required: true },
    AuthParameters: { ...authParameters, required: true },
    KmsKeyIdentifier: kmsKey,
  },
  async run({ buses }, input, context) {
    const { Name, Description, AuthorizationType: authKind, AuthParameters } = input
    const record = await buses.connections.createConnection({
      name: Name,
      ...(Description === undefined ? {} : { description: Description }),
      authKind,
      auth: authOf(authKind, AuthParameters, undefined),
      parameters: parametersOf(AuthParameters.InvocationHttpParameters) ?? noParameters,
      ...ownerOf(context),
    })
    return { ...connectionAnswer(record), LastAuthorizedTime: undefined }
  },
})
