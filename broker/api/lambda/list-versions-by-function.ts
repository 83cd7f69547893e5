import { awsOperation } from '../aws/operation.ts'
import { describeConfiguration } from './configuration.ts'
import { functionName, marker, maxItems } from './members.ts'
import { pageOf, recordOf, targetOf } from './names.ts'

/** `$LATEST`, and all that was published, in order. */
export const listVersionsByFunction = awsOperation({
  name: 'ListVersionsByFunction',
  http: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/versions' },
  input: { FunctionName: functionName, Marker: marker, MaxItems: maxItems },
  run({ functions }, input, context) {
    const { name } = targetOf(input, context)
    const record = recordOf(functions, { name }, context)
    const all = [['$LATEST', record.latest] as const, ...Object.entries(record.versions)]
    const { page, next } = pageOf(all, ([version]) => version, input)
    return {
      Versions: page.map(([version, config]) =>
        describeConfiguration(functions, record, config, version, context, version),
      ),
      NextMarker: next,
    }
  },
})
