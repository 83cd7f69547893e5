import { connect } from '../../client/index.ts'
import { millrace, type RunningMillrace } from '../millrace.ts'
import type { BenchQueue, QueueSystem, RunningQueueSystem } from '../queue-system.ts'

/** Messages that may be on their way to one consumer. */
const prefetch = 1_000

/** Our broker, through our client. */
export const millraceNative: QueueSystem = {
  name: 'millrace',
  durability: millrace.durability,
  version: millrace.version,
  async start(directory) {
    return new RunningNative(await millrace.start(directory))
  },
}

class RunningNative implements RunningQueueSystem {
  readonly name = 'millrace'
  readonly server: RunningMillrace['server']
  readonly #running: RunningMillrace

  constructor(running: RunningMillrace) {
    this.#running = running
    this.server = running.server
  }

  async queue(name: string, done: () => void): Promise<BenchQueue> {
    const client = await connect(this.server.said)
    const queue = client.queue(name)
    await queue.create()
    const receiver = queue.receive({ prefetch })
    const receiving = (async () => {
      for await (const message of receiver) message.delete().then(done, () => undefined)
    })()
    return {
      send: (data) => queue.send(data),
      [Symbol.asyncDispose]: async () => {
        await receiver.close()
        await receiving
        await queue.delete()
        await client.close()
      },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running[Symbol.asyncDispose]()
  }
}
