import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateTopicCommand, SNSClient, SNSServiceException, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { MainOptions } from '../../broker/main.ts'
import { type AwsBroker, withBroker } from './harness.ts'

/** A broker, SDK clients of it, and what most tests do with them. */
export interface SnsHarness {
  readonly broker: AwsBroker
  readonly sns: SNSClient
  readonly sqs: SQSClient
  topic(name: string, attributes?: Record<string, string>): Promise<string>
  /** A queue that subscribes to a topic; its URL. */
  queue(name: string, topic: string, attributes?: Record<string, string>): Promise<string>
  subscribe(topic: string, protocol: string, endpoint: string, attributes?: Record<string, string>): Promise<string>
  /** The bodies of what is in a queue now, which is emptied. */
  bodies(url: string): Promise<string[]>
}

const credentials = { accessKeyId: '000000000000', secretAccessKey: 'x' }

export function queueArn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`
}

export function withSns(body: (harness: SnsHarness) => Promise<void>, options: MainOptions = {}): () => Promise<void> {
  return () =>
    withBroker(async (broker) => {
      const settings = { endpoint: broker.url, region: 'us-east-1', credentials, maxAttempts: 1 }
      const sns = new SNSClient(settings)
      const sqs = new SQSClient(settings)
      try {
        await body(harnessOf(broker, sns, sqs))
        if (broker.faults.length > 0) throw broker.faults[0]
      } finally {
        sns.destroy()
        sqs.destroy()
      }
    }, options)
}

function harnessOf(broker: AwsBroker, sns: SNSClient, sqs: SQSClient): SnsHarness {
  const subscribe = async (topic: string, protocol: string, endpoint: string, attributes = {}) => {
    const input = { TopicArn: topic, Protocol: protocol, Endpoint: endpoint, Attributes: attributes }
    return (await sns.send(new SubscribeCommand({ ...input, ReturnSubscriptionArn: true }))).SubscriptionArn as string
  }
  return {
    broker,
    sns,
    sqs,
    subscribe,
    async topic(name, attributes = {}) {
      return (await sns.send(new CreateTopicCommand({ Name: name, Attributes: attributes }))).TopicArn as string
    },
    async queue(name, topic, attributes = {}) {
      const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: fifo }))
      await subscribe(topic, 'sqs', queueArn(name), attributes)
      return QueueUrl as string
    },
    async bodies(url) {
      const all: string[] = []
      for (;;) {
        const input = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input))
        if (Messages.length === 0) return all
        all.push(...Messages.map(({ Body = '' }) => Body))
        const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }))
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }))
      }
    },
  }
}

export async function snsError(work: Promise<unknown>): Promise<SNSServiceException> {
  const error = await work.then(
    () => undefined,
    (each: unknown) => each,
  )
  if (error instanceof SNSServiceException) return error
  throw new Error(`an SNS error was expected and not ${String(error)}`)
}

/** A request that an endpoint got. */
export interface Delivered {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An HTTP endpoint that answers as `answer` says: a status, or `hang`. */
export async function withEndpoint(
  answer: (request: Delivered, count: number) => number | 'hang',
  body: (url: string, got: readonly Delivered[]) => Promise<void>,
): Promise<void> {
  const got: Delivered[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const each = { headers: request.headers, body: Buffer.concat(chunks).toString() }
      got.push(each)
      const status = answer(each, got.length)
      if (status !== 'hang') response.writeHead(status).end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Resolves when `condition` holds; a test that waits in vain is ended by the runner. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}
