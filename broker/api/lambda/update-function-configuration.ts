import { awsOperation } from '../aws/operation.ts'
import { describeConfiguration, withConfiguration } from './configuration.ts'
import { requireRevision } from './errors.ts'
import { configuration, functionName, revisionId } from './members.ts'
import { recordOf, targetOf } from './names.ts'

/** Changes a function's settings; what is left out stays. */
export const updateFunctionConfiguration = awsOperation({
  name: 'UpdateFunctionConfiguration',
  http: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/configuration' },
  input: { FunctionName: functionName, ...configuration, RevisionId: revisionId },
  async run({ functions }, input, context) {
    const { name } = targetOf(input, context)
    recordOf(functions, { name }, context)
    const record = await functions.change(name, (each) => {
      requireRevision(input.RevisionId, each.latest.revisionId)
      return { ...each, latest: functions.revised(withConfiguration(each.latest, input, functions)) }
    })
    await functions.retire(name)
    return describeConfiguration(functions, record, record.latest, '$LATEST', context)
  },
})
