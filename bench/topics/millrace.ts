import { type Client, connect } from '../../client/index.ts'
import { millrace, type RunningMillrace } from '../millrace.ts'
import type { BenchTopic, RunningTopicSystem, TopicSystem } from '../topic-system.ts'

/** Our broker, through our client: queues that subscribe to a topic. */
export const millraceTopics: TopicSystem = {
  name: 'millrace',
  durability: 'acknowledged when all queues have it, flushed to disk in one commit',
  version: millrace.version,
  async start(directory) {
    return new RunningTopics(await millrace.start(directory))
  },
}

/** Subscriptions that are made side by side. */
const atOnce = 100

export class RunningTopics implements RunningTopicSystem {
  readonly name = 'millrace'
  readonly server: RunningMillrace['server']
  readonly #running: RunningMillrace

  constructor(running: RunningMillrace) {
    this.#running = running
    this.server = running.server
  }

  topic(name: string, queues: number): Promise<BenchTopic> {
    return this.#open(name, queues, 0)
  }

  /** A topic with `all` subscriptions with filters, of which `matching` match each message; these go to a queue each. */
  filtered(name: string, matching: number, all: number): Promise<BenchTopic> {
    return this.#open(name, matching, all)
  }

  async #open(name: string, queues: number, filtered: number): Promise<BenchTopic> {
    const client = await connect(this.server.said)
    const topic = client.topic(name)
    await topic.create()
    const names = Array.from({ length: queues }, (_, i) => `${name}-${i}`)
    await Promise.all(names.map((queue) => client.queue(queue).create()))
    const count = filtered === 0 ? queues : filtered
    for (let first = 0; first < count; first += atOnce) {
      const some = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => first + i)
      await Promise.all(some.map((i) => subscribe(client, name, names, i, filtered > 0)))
    }
    const attributes = { kind: 'kind 0' }
    return {
      publish: (data) => topic.publish(filtered === 0 ? data : { data, attributes }),
      [Symbol.asyncDispose]: async () => {
        await topic.delete()
        await Promise.all(names.map((queue) => client.queue(queue).delete()))
        await client.close()
      },
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running[Symbol.asyncDispose]()
  }
}

/** As many as there are queues want the same kind; every such group wants another. */
async function subscribe(client: Client, topic: string, queues: readonly string[], i: number, filtered: boolean) {
  const target = { queue: queues[i % queues.length] as string }
  const filter = { filter: { kind: [`kind ${Math.floor(i / queues.length)}`] } }
  await client.topic(topic).putSubscription(`s${i}`, { target, ...(filtered ? filter : {}) })
}
