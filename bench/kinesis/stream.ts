import { setMaxListeners } from 'node:events'
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  type Shard,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis'
import { partitionKeys, payloads } from '../load.ts'
import type { Http, RunningKinesis } from './running-kinesis.ts'

const pollMillis = 20
let streams = 0

/** Hears of a record's data. */
type Each = (data: Uint8Array) => void

/** A new stream of a broker that speaks Kinesis, and what is done with it by the AWS SDK. */
export class KinesisStream implements AsyncDisposable {
  readonly name: string
  readonly kinesis: KinesisClient
  readonly #running: RunningKinesis
  #arn = ''
  /** Registered so far: each needs a name of its own. */
  #consumers = 0

  private constructor(running: RunningKinesis, http: Http, name: string) {
    this.name = name
    this.kinesis = running.client(http)
    this.#running = running
  }

  /** Creates it, and waits until it can be written to. */
  static async create(running: RunningKinesis, http: Http, shards: number): Promise<KinesisStream> {
    const stream = new KinesisStream(running, http, `bench-${process.pid}-${streams++}`)
    await stream.kinesis.send(new CreateStreamCommand({ StreamName: stream.name, ShardCount: shards }))
    if (!running.reads) return stream
    stream.#arn = await until(async () => {
      const { StreamDescriptionSummary: summary } = await stream.#describe()
      return summary?.StreamStatus === 'ACTIVE' ? summary.StreamARN : undefined
    })
    return stream
  }

  /** Puts `records` records of `bytes` bytes, `perCall` at a time, with `calls` calls in flight. */
  async fill(records: number, bytes: number, perCall: number, calls: number): Promise<void> {
    const put = this.putter(bytes, perCall)
    let left = Math.ceil(records / perCall)
    const lane = async () => {
      while (left-- > 0) await put()
    }
    await Promise.all(Array.from({ length: calls }, lane))
  }

  /** Makes a call that puts `count` records of `bytes` bytes, prepared once, with as many keys. */
  putter(bytes: number, count: number): () => Promise<void> {
    const data = payloads(bytes, Math.min(64, count))
    const keys = partitionKeys(count)
    const Records = keys.map((PartitionKey, i) => ({ PartitionKey, Data: data[i % data.length] as Uint8Array }))
    return async () => {
      const { FailedRecordCount } = await this.kinesis.send(new PutRecordsCommand({ StreamName: this.name, Records }))
      if ((FailedRecordCount ?? 0) > 0) throw new Error(`${this.#running.name} refused ${FailedRecordCount} records`)
    }
  }

  async shards(): Promise<readonly Shard[]> {
    const { Shards } = await this.kinesis.send(new ListShardsCommand({ StreamName: this.name }))
    return Shards ?? []
  }

  async iterator(ShardId: string | undefined): Promise<string> {
    const start = { StreamName: this.name, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
    const { ShardIterator } = await this.kinesis.send(new GetShardIteratorCommand(start))
    return ShardIterator ?? ''
  }

  /** Reads a page, and says where the next one is. */
  async page(ShardIterator: string, each: Each): Promise<{ readonly records: number; readonly next: string }> {
    const { Records = [], NextShardIterator } = await this.kinesis.send(new GetRecordsCommand({ ShardIterator }))
    for (const { Data } of Records) if (Data !== undefined) each(Data)
    return { records: Records.length, next: NextShardIterator ?? '' }
  }

  /** A new consumer of enhanced fan-out that reads all shards from their beginning, each by a call of its own. */
  async subscribe(http: Http, each: Each): Promise<AsyncDisposable> {
    const ConsumerARN = await this.#register()
    const kinesis = this.#running.client(http)
    const stop = new AbortController()
    const shards = await this.shards()
    setMaxListeners(2 * shards.length + 1, stop.signal)
    const read = async (ShardId: string | undefined) => {
      const StartingPosition = { Type: 'TRIM_HORIZON' as const }
      const command = new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition })
      const { EventStream = [] } = await kinesis.send(command, { abortSignal: stop.signal })
      for await (const { SubscribeToShardEvent: event } of EventStream) {
        for (const { Data } of event?.Records ?? []) if (Data !== undefined) each(Data)
      }
    }
    const reading = shards.map(({ ShardId }) =>
      read(ShardId).catch((error: unknown) => stop.signal.aborted || console.error('subscription:', error)),
    )
    return {
      async [Symbol.asyncDispose]() {
        stop.abort()
        kinesis.destroy()
        await Promise.all(reading)
      },
    }
  }

  /** Polls the first shard so many times a second, as those do who have no push. */
  async poll(readsPerSecond: number, each: Each): Promise<AsyncDisposable> {
    const [shard] = await this.shards()
    let next = await this.iterator(shard?.ShardId)
    let running = true
    const reading = (async () => {
      while (running) {
        const page = await this.page(next, each)
        next = page.next
        await new Promise((resolve) => setTimeout(resolve, 1000 / readsPerSecond))
      }
    })()
    return {
      async [Symbol.asyncDispose]() {
        running = false
        await reading
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = { StreamName: this.name, EnforceConsumerDeletion: true }
    await this.kinesis.send(new DeleteStreamCommand(gone))
    this.kinesis.destroy()
  }

  async #register(): Promise<string> {
    const StreamARN = this.#arn
    const ConsumerName = `bench-${this.#consumers++}`
    const registered = await this.kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }))
    const ConsumerARN = registered.Consumer?.ConsumerARN
    return until(async () => {
      const { ConsumerDescription } = await this.kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }))
      return ConsumerDescription?.ConsumerStatus === 'ACTIVE' ? ConsumerARN : undefined
    })
  }

  #describe() {
    return this.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: this.name }))
  }
}

/** Asks again and again, since with others things take a while. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, pollMillis))
  }
}
