import { awsOperation } from '../aws/operation.ts'
import { aliasOf, checkedAlias, describeAlias, routingConfig } from './alias.ts'
import { requireRevision } from './errors.ts'
import { aliasName, description, functionName, revisionId, version } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Points an alias elsewhere; what is left out stays. */
export const updateAlias = awsOperation({
  name: 'UpdateAlias',
  http: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/aliases/{Name}' },
  input: {
    FunctionName: functionName,
    Name: aliasName,
    FunctionVersion: version,
    Description: description,
    RoutingConfig: routingConfig,
    RevisionId: revisionId,
  },
  async run({ functions }, input, context) {
    const { name } = targetOf(input, context)
    recordOf(functions, { name }, context)
    const record = await functions.change(name, (each) => {
      const there = aliasOf(each, input.Name, context)
      requireRevision(input.RevisionId, there.revisionId)
      const alias = {
        version: input.FunctionVersion ?? there.version,
        description: input.Description ?? there.description,
        weights:
          input.RoutingConfig === undefined ? there.weights : (input.RoutingConfig.AdditionalVersionWeights ?? {}),
      }
      return { ...each, aliases: { ...each.aliases, [input.Name]: checkedAlias(each, alias, context) } }
    })
    return describeAlias(record, input.Name, aliasOf(record, input.Name, context), context)
  },
})
