import { KinesisClient, type KinesisServiceException } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { MainOptions } from '../../broker/main.ts'
import { type AwsBroker, withBroker } from './harness.ts'

export const account = '123456789012'
export const region = 'eu-central-1'

/** An SDK client of a broker: over HTTP/2, as it comes, or over HTTP/1.1. */
export function kinesisClient(url: string, version: 'h2' | 'h1' = 'h2'): KinesisClient {
  return new KinesisClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: account, secretAccessKey: 'anything' },
    maxAttempts: 1,
    ...(version === 'h1' ? { requestHandler: new NodeHttpHandler() } : {}),
  })
}

/** Runs `body` with a broker and a client of it. */
export async function withKinesis(
  body: (client: KinesisClient, broker: AwsBroker) => Promise<void>,
  options: MainOptions = {},
  version: 'h2' | 'h1' = 'h2',
): Promise<void> {
  await withBroker(async (broker) => {
    const client = kinesisClient(broker.url, version)
    try {
      await body(client, broker)
    } finally {
      client.destroy()
    }
  }, options)
}

/** The name and message of the error that `call` ends with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    const { name, message, $metadata } = error as KinesisServiceException
    return `${$metadata?.httpStatusCode} ${name}: ${message}`
  }
  return 'it succeeded'
}
