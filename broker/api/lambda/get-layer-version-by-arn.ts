import { parseLayerArn } from '../../modes/layer-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { invalidParameter } from './errors.ts'
import { describeLayerContent, layerVersionOf } from './layer.ts'

/** A version of a layer, by its ARN. */
export const getLayerVersionByArn = awsOperation({
  name: 'GetLayerVersionByArn',
  http: { method: 'GET', path: '/2018-10-31/layers', marker: ['find', 'LayerVersion'] },
  input: { Arn: { type: 'string', required: true, at: 'query', min: 1, max: 140 } },
  run({ functions }, input, context) {
    const parsed = parseLayerArn(input.Arn)
    if (parsed === undefined) throw invalidParameter(`${input.Arn} is not the ARN of a layer version.`)
    const record = functions.layers.get(parsed.name)
    const version = layerVersionOf(record, parsed.name, Number(parsed.version), context)
    return describeLayerContent(functions, parsed.name, version, context)
  },
})
