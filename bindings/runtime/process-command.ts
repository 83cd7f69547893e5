import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import type { FunctionUnit } from '../../broker/wire/function-host.ts'

export interface ProcessCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** Found by its name in package.json: the command is bundled, so that this file's own place tells nothing. */
const nodeBootstrap = createRequire(import.meta.url).resolve('#node-bootstrap')

/** What is run for a function: our bootstrap for Node, its own for every other language; undefined when it has none. */
export async function commandOf(unit: FunctionUnit): Promise<ProcessCommand | undefined> {
  if (unit.runtime.startsWith('nodejs')) {
    // Two thirds for the heap leave room for Node itself and for Buffers.
    const heap = Math.max(32, Math.floor((unit.memoryMegabytes * 2) / 3))
    return { file: process.execPath, args: [`--max-old-space-size=${heap}`, '--enable-source-maps', nodeBootstrap] }
  }
  for (const directory of [unit.directory, ...[...unit.layers].reverse()]) {
    if (directory === undefined) continue
    const file = join(directory, 'bootstrap')
    if (await isExecutable(file)) return { file, args: [] }
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    // Not there, or not for us to run: both mean that it is no bootstrap.
    return false
  }
}

/** What of the broker's own environment a function sees: where programs and certificates are, and no secrets. */
const inherited = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'SystemRoot', 'NODE_EXTRA_CA_CERTS']

/**
 * The environment of a function's process (docs.aws.amazon.com/lambda, "Using Lambda environment variables"). Layers cannot be laid at /opt
 * without a container: their directories are put on the paths that they would be found by there.
 */
export function environmentOf(
  unit: FunctionUnit,
  runtimeApi: string,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const root = unit.directory ?? ''
  const own = Object.fromEntries(inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
  const layered = (...parts: string[]) => [...unit.layers].reverse().map((layer) => join(layer, ...parts))
  const path = (...entries: (string | undefined)[]) => entries.filter((each) => each).join(delimiter)
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...own,
    AWS_ACCESS_KEY_ID: unit.account,
    AWS_SECRET_ACCESS_KEY: 'millrace',
    ...extra,
    ...unit.environment,
    PATH: path(...layered('bin'), unit.environment['PATH'] ?? own['PATH']),
    LD_LIBRARY_PATH: path(...layered('lib'), join(root, 'lib'), root, unit.environment['LD_LIBRARY_PATH']),
    NODE_PATH: path(...layered('nodejs', 'node_modules'), unit.environment['NODE_PATH']),
    PYTHONPATH: path(...layered('python'), unit.environment['PYTHONPATH']),
    _HANDLER: unit.handler,
    LAMBDA_TASK_ROOT: root,
    LAMBDA_RUNTIME_DIR: dirname(dirname(nodeBootstrap)),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_EXECUTION_ENV: `AWS_Lambda_${unit.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: unit.name,
    AWS_LAMBDA_FUNCTION_VERSION: unit.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${unit.memoryMegabytes}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${unit.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `[${unit.version}]${unit.revision}`,
    AWS_REGION: unit.region,
    AWS_DEFAULT_REGION: unit.region,
  }
}
