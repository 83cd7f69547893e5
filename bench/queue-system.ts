import type { ServerProcess } from './server-process.ts'

/** A broker with queues that can be put under load, ours or a rival's. */
export interface QueueSystem {
  readonly name: string
  /** What it promises of what it acknowledged, as it is run here. */
  readonly durability: string
  /** @throws Error saying what is missing */
  version(): Promise<string>
  /** Starts it in a process of its own with its data under `directory`. */
  start(directory: string): Promise<RunningQueueSystem>
}

export interface RunningQueueSystem extends AsyncDisposable {
  readonly name: string
  readonly server: ServerProcess
  /** A new, empty queue. `done` hears of each message whose delete was acknowledged. */
  queue(name: string, done: () => void): Promise<BenchQueue>
}

export interface BenchQueue extends AsyncDisposable {
  /** Resolves when the message is acknowledged. */
  send(data: Uint8Array): Promise<unknown>
}
