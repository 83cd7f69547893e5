import type { Functions } from '../../modes/functions.ts'
import type { LayerRecord, LayerVersion } from '../../modes/layer-record.ts'
import { notFound } from './errors.ts'
import type { Caller } from './names.ts'

export const layerName = {
  type: 'string',
  required: true,
  min: 1,
  max: 140,
  pattern: '(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+',
} as const

export const layerVersionNumber = { type: 'long', required: true } as const

/** The name in a layer's name or ARN. */
export function layerNameIn(text: string): string {
  return text.slice(text.lastIndexOf(':') + 1)
}

export function layerArn(name: string, { region, account }: Caller): string {
  return `arn:aws:lambda:${region}:${account}:layer:${name}`
}

/** How AWS describes a version of a layer. */
export function describeLayerVersion(name: string, version: LayerVersion, caller: Caller): object {
  return {
    LayerVersionArn: `${layerArn(name, caller)}:${version.version}`,
    Version: version.version,
    Description: version.description,
    CreatedDate: `${new Date(version.createdAt).toISOString().slice(0, -1)}+0000`,
    CompatibleRuntimes: version.compatibleRuntimes,
    CompatibleArchitectures: version.compatibleArchitectures,
    LicenseInfo: version.licenseInfo,
  }
}

/** The same, with what is in it. */
export async function describeLayerContent(
  functions: Functions,
  name: string,
  version: LayerVersion,
  caller: Caller,
): Promise<object> {
  return {
    LayerArn: layerArn(name, caller),
    ...describeLayerVersion(name, version, caller),
    Content: {
      Location: await functions.code.location(version.hash),
      CodeSha256: Buffer.from(version.hash, 'hex').toString('base64'),
      CodeSize: version.bytes,
    },
  }
}

/** @throws AwsError ResourceNotFoundException */
export function layerVersionOf(
  record: LayerRecord | undefined,
  name: string,
  version: number,
  caller: Caller,
): LayerVersion {
  const found = record?.versions[version]
  if (found === undefined) {
    throw notFound(`The resource you requested does not exist: ${layerArn(name, caller)}:${version}`)
  }
  return found
}
