import { awsOperation } from '../aws/operation.ts'
import { describeLayerContent, layerName, layerNameIn, layerVersionNumber, layerVersionOf } from './layer.ts'

/** A version of a layer, and where its archive is. */
export const getLayerVersion = awsOperation({
  name: 'GetLayerVersion',
  http: { method: 'GET', path: '/2018-10-31/layers/{LayerName}/versions/{VersionNumber}' },
  input: { LayerName: layerName, VersionNumber: layerVersionNumber },
  run({ functions }, input, context) {
    const name = layerNameIn(input.LayerName)
    const version = layerVersionOf(functions.layers.get(name), name, input.VersionNumber, context)
    return describeLayerContent(functions, name, version, context)
  },
})
