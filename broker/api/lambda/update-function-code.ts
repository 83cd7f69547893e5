import { awsOperation } from '../aws/operation.ts'
import { codeIn, describeConfiguration } from './configuration.ts'
import { requireRevision } from './errors.ts'
import { codeMembers, functionName, revisionId } from './members.ts'
import { recordOf, targetOf } from './names.ts'
import { publish } from './publish-version.ts'

/** Gives a function other code; what runs of it finishes with the old. */
export const updateFunctionCode = awsOperation({
  name: 'UpdateFunctionCode',
  http: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/code' },
  bodyBytesMax: 70_167_211,
  input: {
    FunctionName: functionName,
    ...codeMembers,
    Publish: { type: 'boolean' },
    DryRun: { type: 'boolean' },
    RevisionId: revisionId,
    Architectures: { type: 'list', min: 1, max: 1, of: { type: 'string', enum: ['x86_64', 'arm64'] } },
  },
  async run({ functions }, input, context) {
    const { name } = targetOf(input, context)
    const there = recordOf(functions, { name }, context)
    const code = await codeIn(input, functions)
    if (input.DryRun) return describeConfiguration(functions, there, { ...there.latest, code }, '$LATEST', context)
    const record = await functions.change(name, (each) => {
      requireRevision(input.RevisionId, each.latest.revisionId)
      const architectures = input.Architectures ?? each.latest.architectures
      return { ...each, latest: functions.revised({ ...each.latest, code, architectures }) }
    })
    await functions.retire(name)
    if (!input.Publish) return describeConfiguration(functions, record, record.latest, '$LATEST', context)
    const { record: published, version, config } = await publish(functions, name, undefined)
    return describeConfiguration(functions, published, config, version, context, version)
  },
})
