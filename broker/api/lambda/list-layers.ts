import { awsOperation } from '../aws/operation.ts'
import { describeLayerVersion, layerArn } from './layer.ts'
import { marker, maxItems } from './members.ts'
import { pageOf } from './names.ts'

/** All layers, each with its newest version. */
export const listLayers = awsOperation({
  name: 'ListLayers',
  http: { method: 'GET', path: '/2018-10-31/layers' },
  input: {
    CompatibleRuntime: { type: 'string', at: 'query' },
    CompatibleArchitecture: { type: 'string', at: 'query' },
    Marker: marker,
    MaxItems: maxItems,
  },
  run({ functions }, input, context) {
    const all = functions.layers.list().flatMap(({ name, versions }) => {
      const newest = Object.values(versions).findLast(
        ({ compatibleRuntimes: runtimes }) => !input.CompatibleRuntime || runtimes.includes(input.CompatibleRuntime),
      )
      return newest === undefined ? [] : [{ name, newest }]
    })
    const { page, next } = pageOf(all, ({ name }) => name, input)
    return {
      Layers: page.map(({ name, newest }) => ({
        LayerName: name,
        LayerArn: layerArn(name, context),
        LatestMatchingVersion: describeLayerVersion(name, newest, context),
      })),
      NextMarker: next,
    }
  },
})
