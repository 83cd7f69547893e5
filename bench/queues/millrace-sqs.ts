import { setMaxListeners } from 'node:events'
import { millrace, type RunningMillrace } from '../millrace.ts'
import type { BenchQueue, QueueSystem, RunningQueueSystem } from '../queue-system.ts'

/** Receives under way at once, each of up to 10 messages. */
const receives = 16
/** Messages that gather for one SendMessageBatch, as those who care about throughput do. */
const batch = 10

/** Our broker by the SQS wire, through the AWS SDK: sends and deletes in batches of 10. */
export const millraceSqs: QueueSystem = {
  name: 'millrace-sqs',
  durability: `${millrace.durability}; AWS SDK, batches of ${batch}`,
  version: millrace.version,
  async start(directory) {
    return new RunningSqs(await millrace.start(directory))
  },
}

class RunningSqs implements RunningQueueSystem {
  readonly name = 'millrace-sqs'
  readonly server: RunningMillrace['server']
  readonly #running: RunningMillrace

  constructor(running: RunningMillrace) {
    this.#running = running
    this.server = running.server
  }

  async queue(name: string, done: () => void): Promise<BenchQueue> {
    const sdk = await import('@aws-sdk/client-sqs')
    const credentials = { accessKeyId: '000000000000', secretAccessKey: 'x' }
    const sqs = new sdk.SQSClient({ endpoint: this.server.said, region: 'us-east-1', credentials })
    const { QueueUrl } = await sqs.send(new sdk.CreateQueueCommand({ QueueName: name }))
    const stop = new AbortController()
    setMaxListeners(receives + 1, stop.signal)
    const receive = async () => {
      while (!stop.signal.aborted) {
        const command = new sdk.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 })
        const { Messages = [] } = await sqs.send(command, { abortSignal: stop.signal })
        const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }))
        if (Entries.length === 0) continue
        const { Successful } = await sqs.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries }))
        for (const _ of Successful ?? []) done()
      }
    }
    const receiving = Array.from({ length: receives }, () =>
      receive().catch((error: unknown) => stop.signal.aborted || console.error('sqs:', error)),
    )
    let waiting: { data: string; resolve: () => void; reject: (error: unknown) => void }[] = []
    const flush = () => {
      const all = waiting
      waiting = []
      for (let at = 0; at < all.length; at += batch) {
        const some = all.slice(at, at + batch)
        const Entries = some.map(({ data }, i) => ({ Id: `${i}`, MessageBody: data }))
        sqs.send(new sdk.SendMessageBatchCommand({ QueueUrl, Entries })).then(
          () => {
            for (const { resolve } of some) resolve()
          },
          (error: unknown) => {
            for (const { reject } of some) reject(error)
          },
        )
      }
    }
    return {
      send: (data) =>
        new Promise<void>((resolve, reject) => {
          if (waiting.length === 0) setImmediate(flush)
          waiting.push({
            data: Buffer.from(data)
              .toString('latin1')
              .replace(/[^ -~]/g, '.'),
            resolve,
            reject,
          })
        }),
      [Symbol.asyncDispose]: async () => {
        stop.abort()
        await Promise.all(receiving)
        await sqs.send(new sdk.DeleteQueueCommand({ QueueUrl }))
        sqs.destroy()
      },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running[Symbol.asyncDispose]()
  }
}
