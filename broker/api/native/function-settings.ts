import { isAbsolute } from 'node:path'
import type { Limits } from '../../limits.ts'
import { defaultConfig } from '../../modes/embedded-function.ts'
import type { FunctionConfig, FunctionRecord } from '../../modes/function-record.ts'
import type { Functions } from '../../modes/functions.ts'
import { MillraceError } from '../../wire/errors.ts'
import type { Fields } from '../fields.ts'

/** Reads the settings of a function; what is left out stays as it is, or is the default. */
export async function configIn(
  fields: Fields,
  functions: Functions,
  name: string,
  there: FunctionConfig | undefined,
): Promise<FunctionConfig> {
  const { limits } = functions
  const code = (await codeIn(fields, functions, name)) ?? there?.code
  if (code === undefined) throw fields.invalid('path', 'is missing: give `path`, or `zip` as base64')
  const base = there ?? defaultConfig(code, limits)
  const timeoutMillis = fields.integer('timeoutMillis', { min: 1, max: limits.functionTimeoutSecondsMax * 1000 })
  const memoryMegabytes = fields.integer('memoryMegabytes', { min: 128, max: limits.functionMemoryMegabytesMax })
  return functions.revised({
    ...base,
    code,
    handler: fields.string('handler') ?? base.handler,
    runtime: runtimeIn(fields) ?? base.runtime,
    description: fields.string('description') ?? base.description,
    environment: environmentIn(fields, limits) ?? base.environment,
    timeoutSeconds: timeoutMillis === undefined ? base.timeoutSeconds : timeoutMillis / 1000,
    memoryMegabytes: memoryMegabytes ?? base.memoryMegabytes,
    revisionId: '',
    modifiedAt: 0,
  })
}

async function codeIn(fields: Fields, functions: Functions, name: string): Promise<FunctionConfig['code'] | undefined> {
  const path = fields.string('path')
  const zip = fields.bytes('zip')
  if (path !== undefined && zip !== undefined) throw fields.invalid('path', 'and zip cannot both be given')
  if (path !== undefined) {
    if (!isAbsolute(path))
      throw fields.invalid('path', 'must be absolute: a broker does not know where its clients are')
    return { kind: 'directory', path }
  }
  if (zip === undefined) return undefined
  try {
    return { kind: 'archive', ...(await functions.code.put(zip)) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('function_code', { function: name, reason }, cause)
  }
}

function runtimeIn(fields: Fields): string | undefined {
  const runtime = fields.string('runtime')
  if (runtime === undefined || /^(nodejs\d+\.x|provided(\.\w+)?)$/.test(runtime)) return runtime
  throw fields.invalid('runtime', `must be nodejsN.x, or provided with an executable bootstrap, and is ${runtime}`)
}

function environmentIn(fields: Fields, limits: Limits): Record<string, string> | undefined {
  const environment = fields.strings('environment')
  const limit = limits.functionEnvironmentBytesMax
  if (environment !== undefined && Buffer.byteLength(JSON.stringify(environment)) > limit) {
    throw fields.invalid('environment', `must be at most ${limit} bytes`)
  }
  return environment
}

/** A function as the native API tells of it. */
export function describeFunction(record: FunctionRecord): object {
  const { name, createdAt, latest, versions, aliases, reservedConcurrency } = record
  const { code, runtime, handler, description, timeoutSeconds, memoryMegabytes, environment, modifiedAt } = latest
  return {
    name,
    createdAt,
    modifiedAt,
    code:
      code.kind === 'directory'
        ? { path: code.path }
        : code.kind === 'archive'
          ? { bytes: code.bytes }
          : { embedded: true },
    runtime,
    handler,
    description,
    timeoutMillis: timeoutSeconds * 1000,
    memoryMegabytes,
    environment,
    versions: Object.keys(versions).map(Number),
    aliases: Object.fromEntries(Object.entries(aliases).map(([alias, { version }]) => [alias, version])),
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
  }
}
