/** A version of a layer: an archive whose files functions find beside their own. */
export interface LayerVersion {
  readonly version: number
  readonly hash: string
  readonly bytes: number
  readonly description: string
  readonly createdAt: number
  readonly compatibleRuntimes: readonly string[]
  readonly compatibleArchitectures: readonly string[]
  readonly licenseInfo?: string
}

/** What the catalog keeps of a layer. */
export interface LayerRecord {
  readonly name: string
  readonly nextVersion: number
  readonly versions: Readonly<Record<string, LayerVersion>>
}

/** The name and version in a layer version's ARN; undefined when it is none. */
export function parseLayerArn(arn: string): { readonly name: string; readonly version: string } | undefined {
  const match = /^arn:[^:]*:lambda:[^:]*:\d{12}:layer:([A-Za-z0-9_-]+):(\d+)$/.exec(arn)
  return match === null ? undefined : { name: match[1] as string, version: match[2] as string }
}
