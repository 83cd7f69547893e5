import { awsOperation } from '../aws/operation.ts'
import { layerName, layerNameIn, layerVersionNumber } from './layer.ts'

/** Deletes a version of a layer; one that is not there is no error. Its number is not given again. */
export const deleteLayerVersion = awsOperation({
  name: 'DeleteLayerVersion',
  http: { method: 'DELETE', path: '/2018-10-31/layers/{LayerName}/versions/{VersionNumber}', status: 204 },
  input: { LayerName: layerName, VersionNumber: layerVersionNumber },
  async run({ functions }, input) {
    await functions.layers.change(layerNameIn(input.LayerName), (there) => {
      if (there === undefined) return undefined
      const { [input.VersionNumber]: _, ...versions } = there.versions
      return { ...there, versions }
    })
    return undefined
  },
})
