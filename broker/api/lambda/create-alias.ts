import { awsOperation } from '../aws/operation.ts'
import { aliasOf, checkedAlias, describeAlias, routingConfig } from './alias.ts'
import { conflict } from './errors.ts'
import { aliasName, description, functionName, version } from './members.ts'
import { functionArn, recordOf, targetOf } from './names.ts'

/** Gives a version another name; with a routing config, a share of the invocations goes to a second version. */
export const createAlias = awsOperation({
  name: 'CreateAlias',
  http: { method: 'POST', path: '/2015-03-31/functions/{FunctionName}/aliases', status: 201 },
  input: {
    FunctionName: functionName,
    Name: aliasName,
    FunctionVersion: { ...version, required: true },
    Description: description,
    RoutingConfig: routingConfig,
  },
  async run({ functions }, input, context) {
    const { name } = targetOf(input, context)
    recordOf(functions, { name }, context)
    const record = await functions.change(name, (each) => {
      if (Object.hasOwn(each.aliases, input.Name)) {
        throw conflict(`Alias already exists: ${functionArn(name, context, input.Name)}`)
      }
      const weights = input.RoutingConfig?.AdditionalVersionWeights ?? {}
      const alias = { version: input.FunctionVersion, description: input.Description ?? '', weights }
      return { ...each, aliases: { ...each.aliases, [input.Name]: checkedAlias(each, alias, context) } }
    })
    return describeAlias(record, input.Name, aliasOf(record, input.Name, context), context)
  },
})
