import { awsOperation } from '../aws/operation.ts'
import { describeAlias } from './alias.ts'
import { functionName, marker, maxItems, version } from './members.ts'
import { pageOf, recordOf, targetOf } from './names.ts'

/** All aliases of a function, or those of one version. */
export const listAliases = awsOperation({
  name: 'ListAliases',
  http: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/aliases' },
  input: {
    FunctionName: functionName,
    FunctionVersion: { ...version, at: 'query' },
    Marker: marker,
    MaxItems: maxItems,
  },
  run({ functions }, input, context) {
    const record = recordOf(functions, { name: targetOf(input, context).name }, context)
    const wanted = Object.entries(record.aliases)
      .filter(([, alias]) => input.FunctionVersion === undefined || alias.version === input.FunctionVersion)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const { page, next } = pageOf(wanted, ([name]) => name, input)
    return { Aliases: page.map(([name, alias]) => describeAlias(record, name, alias, context)), NextMarker: next }
  },
})
