import { LambdaClient } from '@aws-sdk/client-lambda'
import { strToU8, type Zippable, zipSync } from 'fflate'
import type { MainOptions } from '../../broker/main.ts'
import { type AwsBroker, withBroker } from './harness.ts'

export interface LambdaHarness extends AwsBroker {
  readonly lambda: LambdaClient
}

/** Runs `body` with a broker in memory that listens, and an unmodified client of Lambda. */
export function withLambda(body: (harness: LambdaHarness) => Promise<void>, options: MainOptions = {}): Promise<void> {
  return withBroker(async (broker) => {
    const lambda = new LambdaClient(clientOptions(broker.url))
    try {
      await body({ ...broker, lambda })
    } finally {
      lambda.destroy()
    }
  }, options)
}

export function clientOptions(url: string) {
  return {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  }
}

/** An archive of a function's files. */
export function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
  const entries: Zippable = {}
  for (const [name, text] of Object.entries(files)) {
    const mode = name.includes('.') ? 0o644 : 0o755
    entries[name] = [strToU8(text), { os: 3, attrs: mode << 16 }]
  }
  return zipSync(entries)
}

export const role = 'arn:aws:iam::000000000000:role/any'

/** The settings of a function of one file. */
export function functionOf(name: string, code: string) {
  return {
    FunctionName: name,
    Runtime: 'nodejs20.x' as const,
    Handler: 'index.handler',
    Role: role,
    Code: { ZipFile: zipOf({ 'index.mjs': code }) },
  }
}

/** What an AWS client was refused with: its name and message. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  )
}
