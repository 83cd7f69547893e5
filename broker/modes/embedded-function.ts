import type { Limits } from '../limits.ts'
import type { FunctionConfig } from './function-record.ts'
import type { Functions } from './functions.ts'

export interface EmbeddedFunctionOptions {
  /** Default 3,000. */
  readonly timeoutMillis?: number
}

/** Settings of a function of which nothing but its code was said. */
export function defaultConfig(
  code: FunctionConfig['code'],
  limits: Limits,
): Omit<FunctionConfig, 'revisionId' | 'modifiedAt'> {
  return {
    code,
    runtime: code.kind === 'embedded' ? 'embedded' : `nodejs${process.versions.node.split('.')[0]}.x`,
    handler: 'index.handler',
    description: '',
    role: 'arn:aws:iam::000000000000:role/millrace',
    timeoutSeconds: limits.functionTimeoutSecondsDefault,
    memoryMegabytes: limits.functionMemoryMegabytesDefault,
    storageMegabytes: 512,
    environment: {},
    layers: [],
    architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
    tracing: 'PassThrough',
    carried: {},
  }
}

/** Adds the function of a handler in the embedding program, or makes a function that is there into one. */
export async function addEmbedded(functions: Functions, name: string, options: EmbeddedFunctionOptions): Promise<void> {
  const base = defaultConfig({ kind: 'embedded' }, functions.limits)
  const { timeoutMillis = base.timeoutSeconds * 1000 } = options
  const config = functions.revised({ ...base, timeoutSeconds: timeoutMillis / 1000, revisionId: '', modifiedAt: 0 })
  if (functions.records.get(name) === undefined) await functions.create(name, config)
  else await functions.change(name, (record) => ({ ...record, latest: config }))
}
