import { awsOperation } from '../aws/operation.ts'
import { conflict, invalidParameter } from './errors.ts'
import { functionName, qualifier } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Deletes a function, or one published version of it. */
export const deleteFunction = awsOperation({
  name: 'DeleteFunction',
  http: { method: 'DELETE', path: '/2015-03-31/functions/{FunctionName}', status: 204 },
  input: { FunctionName: functionName, Qualifier: qualifier },
  async run({ functions }, input, context) {
    const target = targetOf(input, context)
    const { name, qualifier: version } = target
    const { versions } = recordOf(functions, target, context)
    if (version === undefined) {
      await functions.delete(name)
      return undefined
    }
    if (versions[version] === undefined) {
      throw invalidParameter('$LATEST and aliases cannot be deleted this way: delete the function, or use DeleteAlias.')
    }
    await functions.change(name, (record) => {
      const users = Object.entries(record.aliases).filter(
        ([, alias]) => alias.version === version || version in alias.weights,
      )
      if (users.length > 0) {
        throw conflict(`Aliases ${users.map(([alias]) => alias).join(', ')} point to version ${version} of ${name}.`)
      }
      const { [version]: _, ...left } = record.versions
      return { ...record, versions: left }
    })
    await functions.retire(name)
    return undefined
  },
})
