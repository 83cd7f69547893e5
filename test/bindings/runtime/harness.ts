import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ProcessHost } from '../../../bindings/runtime/process-host.ts'
import type { EmbeddedHandler, FunctionUnit, Invocation, InvocationResult } from '../../../broker/wire/function-host.ts'

/** A host, and ways to write functions for it. */
export interface RuntimeHarness {
  readonly host: ProcessHost
  readonly embedded: Map<string, EmbeddedHandler>
  /** Writes a function's files; those without an extension are executable. */
  unit(files: Readonly<Record<string, string>>, options?: Partial<FunctionUnit>): Promise<FunctionUnit>
  invoke(unit: FunctionUnit, event?: unknown, options?: Partial<Invocation>): Promise<Invoked>
}

export interface Invoked extends InvocationResult {
  readonly text: string
  /** The payload as JSON. */
  readonly value: Record<string, unknown>
  readonly logText: string
}

export async function withHost(
  body: (harness: RuntimeHarness) => Promise<void>,
  { processesMax = 16 }: { readonly processesMax?: number } = {},
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-functions-'))
  const embedded = new Map<string, EmbeddedHandler>()
  const host = new ProcessHost({ processesMax, environment: () => ({ AWS_ENDPOINT_URL: 'http://broker' }), embedded })
  try {
    await body({
      host,
      embedded,
      async unit(files, options = {}) {
        const directory = join(root, randomUUID())
        await mkdir(directory)
        for (const [name, text] of Object.entries(files)) await writeCode(join(directory, name), text)
        return unitOf(directory, options)
      },
      async invoke(unit, event = {}, options = {}) {
        const payload = Buffer.from(JSON.stringify(event))
        const arn = `arn:aws:lambda:us-east-1:000000000000:function:${unit.name}`
        const result = await host.invoke(unit, { requestId: randomUUID(), payload, invokedArn: arn, ...options })
        const text = Buffer.from(result.payload).toString()
        const value = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
        return { ...result, text, value, logText: Buffer.from(result.log).toString() }
      },
    })
  } finally {
    await host.close()
    await rm(root, { recursive: true, force: true })
  }
}

export async function writeCode(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  if (!path.includes('.', path.lastIndexOf('/'))) await chmod(path, 0o755)
}

function unitOf(directory: string, options: Partial<FunctionUnit>): FunctionUnit {
  return {
    name: `f-${randomUUID().slice(0, 8)}`,
    version: '$LATEST',
    revision: randomUUID(),
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    timeoutMillis: 10_000,
    memoryMegabytes: 256,
    environment: {},
    directory,
    watched: false,
    layers: [],
    region: 'us-east-1',
    account: '000000000000',
    concurrencyMax: undefined,
    ...options,
  }
}
