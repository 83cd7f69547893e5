import type { ServerProcess } from './server-process.ts'

/**
 * A broker that can be put under load, ours or a rival's: what a scenario needs of it and no more, so that one scenario
 * measures all of them with the same code.
 */
export interface System {
  readonly name: string
  /** What it promises of what it acknowledged, as it is run here. */
  readonly durability: string
  /**
   * The version that would be run.
   * @throws Error saying what is missing
   */
  version(): Promise<string>
  /** Starts it in a process of its own with its data under `directory`. */
  start(directory: string, options?: StartOptions): Promise<RunningSystem>
}

export interface StartOptions {
  /** Where Node is to write a CPU profile when the process ends. Only ours heeds it. */
  readonly profileDirectory?: string
}

export interface RunningSystem extends AsyncDisposable {
  readonly name: string
  readonly server: ServerProcess
  /** A new, empty, durable stream. A rival without shards ignores their number. */
  stream(name: string, shards?: number): Promise<BenchStream>
}

export interface BenchStream {
  readonly name: string
  /** A producer with a connection of its own. */
  producer(): Promise<BenchProducer>
  /**
   * A consumer with a connection of its own. Resolves when it is attached, so that from `end` it sees all that is put afterwards.
   * @param each hears of every record, and may keep `data` no longer than its call
   */
  consume(from: 'start' | 'end', each: (data: Uint8Array) => void): Promise<AsyncDisposable>
  delete(): Promise<void>
}

export interface BenchProducer extends AsyncDisposable {
  /** Resolves when the record is acknowledged. */
  put(key: string, data: Uint8Array): Promise<unknown>
  /** Resolves when all of them are acknowledged: where its client takes lists. The others are put one by one. */
  putAll?(records: readonly { readonly key: string; readonly data: Uint8Array }[]): Promise<unknown>
}
