import type { Limits } from '../../limits.ts'
import { defaultConfig } from '../../modes/embedded-function.ts'
import type { FunctionConfig, FunctionRecord } from '../../modes/function-record.ts'
import { codeSha256, type Functions } from '../../modes/functions.ts'
import { parseLayerArn } from '../../modes/layer-record.ts'
import type { InputOf } from '../../wire/aws-shape.ts'
import { invalidParameter } from './errors.ts'
import type { codeMembers, configuration } from './members.ts'
import { type Caller, functionArn } from './names.ts'

/** Runtimes of AWS's that need a program of AWS's, which is not here. */
const runtimePattern = /^(nodejs(\d+\.x)?|provided(\.al2|\.al2023)?)$/

/** How AWS describes a version of a function: FunctionConfiguration. */
export function describeConfiguration(
  functions: Functions,
  record: FunctionRecord,
  config: FunctionConfig,
  version: string,
  caller: Caller,
  qualifier?: string,
): object {
  return {
    FunctionName: record.name,
    FunctionArn: functionArn(record.name, caller, qualifier),
    Runtime: config.runtime,
    Role: config.role,
    Handler: config.handler,
    CodeSize: config.code.kind === 'archive' ? config.code.bytes : 0,
    Description: config.description,
    Timeout: Math.ceil(config.timeoutSeconds),
    MemorySize: config.memoryMegabytes,
    LastModified: `${new Date(config.modifiedAt).toISOString().slice(0, -1)}+0000`,
    CodeSha256: codeSha256(config),
    Version: version,
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: '' },
    ...config.carried,
    ...(Object.keys(config.environment).length > 0 ? { Environment: { Variables: config.environment } } : {}),
    ...(config.deadLetterArn === undefined ? {} : { DeadLetterConfig: { TargetArn: config.deadLetterArn } }),
    TracingConfig: { Mode: config.tracing },
    RevisionId: config.revisionId,
    ...(config.layers.length > 0 ? { Layers: config.layers.map((arn) => describeLayer(functions, arn)) } : {}),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: config.architectures,
    EphemeralStorage: { Size: config.storageMegabytes },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${record.name}` },
  }
}

function describeLayer(functions: Functions, arn: string): object {
  const parsed = parseLayerArn(arn)
  const bytes = parsed && functions.layers.get(parsed.name)?.versions[parsed.version]?.bytes
  return { Arn: arn, CodeSize: bytes ?? 0 }
}

/**
 * Where the code of a request is: a ZipFile, or for work on this machine a directory, as S3Bucket `hot-reload` and its path as S3Key.
 * @throws AwsError InvalidParameterValueException
 */
export async function codeIn(
  input: InputOf<typeof codeMembers>,
  functions: Functions,
): Promise<FunctionConfig['code']> {
  if (input.ZipFile !== undefined) return { kind: 'archive', ...(await storeArchive(input.ZipFile, functions)) }
  if (input.S3Bucket === 'hot-reload' && input.S3Key !== undefined) {
    if (input.S3Key.startsWith('/')) return { kind: 'directory', path: input.S3Key }
    throw invalidParameter('With S3Bucket hot-reload, S3Key is the absolute path of a directory.')
  }
  if (input.S3Bucket !== undefined) {
    const text = 'There is no S3 here: send ZipFile, or S3Bucket "hot-reload" with the path of a directory as S3Key.'
    throw invalidParameter(`Error occurred while GetObject. ${text}`)
  }
  if (input.ImageUri !== undefined) throw invalidParameter('Container images cannot be run here: send ZipFile.')
  throw invalidParameter('Please provide a source for function code.')
}

/** Keeps an archive that came with a request. */
export async function storeArchive(bytes: Uint8Array, functions: Functions): Promise<{ hash: string; bytes: number }> {
  const limit = functions.limits.functionCodeBytesMax
  if (bytes.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip')
  if (bytes.length > limit) throw invalidParameter(`Zipped size must be smaller than ${limit} bytes`)
  try {
    return await functions.code.put(bytes)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    if (why.startsWith('unzipped size')) throw invalidParameter(`U${why.slice(1)}`, cause)
    throw invalidParameter(
      `Could not unzip uploaded file (${why}). Please check your file, then try to upload again.`,
      cause,
    )
  }
}

/**
 * A function's settings with what a request says about them.
 * @throws AwsError InvalidParameterValueException
 */
export function withConfiguration(
  base: FunctionConfig,
  input: InputOf<typeof configuration>,
  functions: Functions,
): FunctionConfig {
  const { limits } = functions
  requireRuntime(input.Runtime)
  if ((input.Timeout ?? 1) > limits.functionTimeoutSecondsMax) {
    throw invalidParameter(
      `Value '${input.Timeout}' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to ${limits.functionTimeoutSecondsMax}`,
    )
  }
  const environment = input.Environment === undefined ? base.environment : (input.Environment.Variables ?? {})
  if (Buffer.byteLength(JSON.stringify(environment)) > limits.functionEnvironmentBytesMax) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the ${limits.functionEnvironmentBytesMax / 1024}KB limit.`,
    )
  }
  const { VpcConfig, KMSKeyArn, SnapStart, LoggingConfig } = input
  const carried = { VpcConfig, KMSKeyArn, SnapStart, LoggingConfig }
  const { deadLetterArn: _, ...rest } = base
  const deadLetterArn =
    input.DeadLetterConfig === undefined ? base.deadLetterArn : input.DeadLetterConfig.TargetArn || undefined
  return {
    ...rest,
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
    runtime: input.Runtime ?? base.runtime,
    handler: input.Handler ?? base.handler,
    role: input.Role ?? base.role,
    description: input.Description ?? base.description,
    timeoutSeconds: input.Timeout ?? base.timeoutSeconds,
    memoryMegabytes: input.MemorySize ?? base.memoryMegabytes,
    storageMegabytes: input.EphemeralStorage?.Size ?? base.storageMegabytes,
    environment,
    layers: input.Layers === undefined ? base.layers : checkedLayers(input.Layers, functions),
    tracing: input.TracingConfig?.Mode ?? base.tracing,
    carried: {
      ...base.carried,
      ...Object.fromEntries(Object.entries(carried).filter(([, value]) => value !== undefined)),
    },
  }
}

/** The settings of a function of which nothing was said yet but its code. */
export function emptyConfig(code: FunctionConfig['code'], limits: Limits): FunctionConfig {
  return { ...defaultConfig(code, limits), revisionId: '', modifiedAt: 0 }
}

function requireRuntime(runtime: string | undefined): void {
  if (runtime === undefined || runtimePattern.test(runtime)) return
  throw invalidParameter(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs18.x, nodejs20.x, nodejs22.x, nodejs24.x, provided, provided.al2, provided.al2023] or be a valid ARN. Other languages run here as provided.al2023, with an executable file named bootstrap.`,
  )
}

function checkedLayers(arns: readonly string[], functions: Functions): readonly string[] {
  const limit = functions.limits.layersPerFunctionMax
  if (arns.length > limit) throw invalidParameter(`Cannot reference more than ${limit} layers.`)
  for (const arn of arns) {
    const parsed = parseLayerArn(arn)
    if (parsed === undefined || functions.layers.get(parsed.name)?.versions[parsed.version] === undefined) {
      throw invalidParameter(`Layer version ${arn} does not exist.`)
    }
  }
  return arns
}
