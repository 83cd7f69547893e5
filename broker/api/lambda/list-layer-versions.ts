import { awsOperation } from '../aws/operation.ts'
import { describeLayerVersion, layerName, layerNameIn } from './layer.ts'
import { marker, maxItems } from './members.ts'
import { pageOf } from './names.ts'

/** The versions of a layer, newest first. */
export const listLayerVersions = awsOperation({
  name: 'ListLayerVersions',
  http: { method: 'GET', path: '/2018-10-31/layers/{LayerName}/versions' },
  input: {
    LayerName: layerName,
    CompatibleRuntime: { type: 'string', at: 'query' },
    Marker: marker,
    MaxItems: maxItems,
  },
  run({ functions }, input, context) {
    const name = layerNameIn(input.LayerName)
    const versions = Object.values(functions.layers.get(name)?.versions ?? {}).reverse()
    const { page, next } = pageOf(versions, ({ version }) => `${version}`, input)
    return { LayerVersions: page.map((version) => describeLayerVersion(name, version, context)), NextMarker: next }
  },
})
