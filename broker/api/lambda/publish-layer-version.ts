import type { LayerVersion } from '../../modes/layer-record.ts'
import { awsOperation } from '../aws/operation.ts'
import { storeArchive } from './configuration.ts'
import { invalidParameter } from './errors.ts'
import { describeLayerContent, layerName, layerNameIn } from './layer.ts'
import { description } from './members.ts'

/** Adds a version to a layer, and the layer with its first one. */
export const publishLayerVersion = awsOperation({
  name: 'PublishLayerVersion',
  http: { method: 'POST', path: '/2018-10-31/layers/{LayerName}/versions', status: 201 },
  bodyBytesMax: 70_167_211,
  input: {
    LayerName: layerName,
    Description: description,
    Content: {
      type: 'structure',
      required: true,
      members: { ZipFile: { type: 'blob' }, S3Bucket: { type: 'string' }, S3Key: { type: 'string' } },
    },
    CompatibleRuntimes: { type: 'list', max: 15, of: { type: 'string' } },
    CompatibleArchitectures: { type: 'list', max: 2, of: { type: 'string' } },
    LicenseInfo: { type: 'string', max: 512 },
  },
  async run({ functions }, input, context) {
    const name = layerNameIn(input.LayerName)
    if (input.Content.ZipFile === undefined) throw invalidParameter('There is no S3 here: send the layer as ZipFile.')
    const stored = await storeArchive(input.Content.ZipFile, functions)
    const record = await functions.layers.change(name, (there) => {
      const { nextVersion: version, versions } = there ?? { nextVersion: 1, versions: {} }
      const added = {
        version,
        ...stored,
        description: input.Description ?? '',
        createdAt: functions.clock.now(),
        compatibleRuntimes: input.CompatibleRuntimes ?? [],
        compatibleArchitectures: input.CompatibleArchitectures ?? [],
        ...(input.LicenseInfo === undefined ? {} : { licenseInfo: input.LicenseInfo }),
      }
      return { name, nextVersion: version + 1, versions: { ...versions, [version]: added } }
    })
    const version = (record.versions as Readonly<Record<number, LayerVersion>>)[record.nextVersion - 1]
    return version && describeLayerContent(functions, name, version, context)
  },
})
