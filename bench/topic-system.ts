import type { ServerProcess } from './server-process.ts'

/** A broker that copies what is published to several places that keep it, ours or a rival's. */
export interface TopicSystem {
  readonly name: string
  /** What it promises of what it acknowledged, as it is run here. */
  readonly durability: string
  /** @throws Error saying what is missing */
  version(): Promise<string>
  /** Starts it in a process of its own with its data under `directory`. */
  start(directory: string): Promise<RunningTopicSystem>
}

export interface RunningTopicSystem extends AsyncDisposable {
  readonly name: string
  readonly server: ServerProcess
  /** A new topic with `queues` subscriptions that get everything. */
  topic(name: string, queues: number): Promise<BenchTopic>
}

export interface BenchTopic extends AsyncDisposable {
  /** Resolves when all who get it have it, as far as the system promises. */
  publish(data: Uint8Array): Promise<unknown>
}
