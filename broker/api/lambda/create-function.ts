import { awsOperation } from '../aws/operation.ts'
import { codeIn, describeConfiguration, emptyConfig, withConfiguration } from './configuration.ts'
import { invalidParameter } from './errors.ts'
import { codeMembers, configuration, functionName, tags } from './members.ts'
import { functionArn, targetOf } from './names.ts'
import { publish } from './publish-version.ts'

/** Adds a function; it is active when the answer comes. */
export const createFunction = awsOperation({
  name: 'CreateFunction',
  http: { method: 'POST', path: '/2015-03-31/functions', status: 201 },
  bodyBytesMax: 70_167_211,
  input: {
    FunctionName: functionName,
    ...configuration,
    Role: { ...configuration.Role, required: true },
    Code: { type: 'structure', required: true, members: codeMembers },
    Publish: { type: 'boolean' },
    PackageType: { type: 'string', enum: ['Zip', 'Image'] },
    Architectures: { type: 'list', min: 1, max: 1, of: { type: 'string', enum: ['x86_64', 'arm64'] } },
    Tags: tags,
  },
  async run({ functions }, input, context) {
    const { name } = targetOf(input, context)
    if (name.length > 64) throw invalidParameter(`Function name must be at most 64 characters: ${name}`)
    if (input.Handler === undefined || input.Runtime === undefined) {
      throw invalidParameter(
        'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      )
    }
    const base = emptyConfig(await codeIn(input.Code, functions), functions.limits)
    const architectures = input.Architectures ?? base.architectures
    const config = functions.revised({ ...withConfiguration(base, input, functions), architectures })
    const record = await functions.create(name, config, input.Tags)
    if (!input.Publish) return describeConfiguration(functions, record, config, '$LATEST', context)
    const { record: published, version } = await publish(functions, name, undefined)
    const arn = { FunctionArn: functionArn(name, context, version) }
    return { ...describeConfiguration(functions, published, config, version, context), ...arn }
  },
})
