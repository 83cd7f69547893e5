import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { withDirectory } from '../cli/broker-process.ts'
import { Random } from '../random.ts'
import { until, within } from '../server/harness.ts'
import { Http2Client } from '../server/raw-client.ts'
import { RawProducer, RawReader, type ReadRecord } from '../server/raw-streams.ts'
import { BrokerChild, type EntrySettings } from './broker-child.ts'
import { Lane } from './lane.ts'
import { Ledger } from './ledger.ts'

const streams = ['one', 'two', 'three']
/** Segments so small that many are sealed, and a tail so small that who catches up reads from the disk. */
const limits = { segmentBytesMax: 400_000, tailBytesMax: 200_000, openSegmentsMax: 4 }

/** Producers and consumers of one broker after another, all on one directory, each killed in the midst of it. */
export class Run {
  readonly ledger = new Ledger()
  readonly #random: Random
  readonly #settings: EntrySettings
  readonly #lanes: Lane[]
  /** Where the live readers of each stream go on. */
  readonly #positions = new Map<string, Map<number, number>>()
  #next: BrokerChild
  #current: BrokerChild | undefined
  shards = 0

  constructor(settings: EntrySettings, seed?: number) {
    this.#random = new Random(seed)
    this.#settings = settings
    this.#lanes = Array.from(
      { length: 9 },
      (_, i) => new Lane(i, streams[i % streams.length] as string, this.#random, this.ledger),
    )
    this.#next = new BrokerChild(settings)
  }

  /**
   * One broker's life: it opens, is loaded, and at some moment is ended. One that is asked to go, and not killed, must tell everybody so
   * before.
   */
  async cycle(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const broker = this.#take()
    const client = new Http2Client(await broker.open())
    const before = this.ledger.acknowledged
    await this.#create(client)
    const readers = streams.map((stream) => this.#read(client, stream, this.#positions.get(stream) ?? new Map()))
    readers.push(this.#read(client, this.#random.pick(streams), new Map()))
    // The kill may well come first.
    const resharding = this.#random.oneIn(4) ? this.#reshard(client).catch(() => undefined) : undefined
    const sessions = await this.#load(client)
    const { ledger } = this
    await until(() => ledger.acknowledged > before + 20 || ledger.violations.length > 0, 'the broker acknowledges')
    await sleep(this.#random.below(120))
    const ended = await broker.end(signal)
    const streamsOver = Promise.allSettled([...readers, ...sessions].map((each) => each.over))
    if (signal === 'SIGKILL') client.close()
    await within(Promise.all([streamsOver, resharding]), 'all streams ended')
    for (const lane of this.#lanes) lane.stop()
    for (const [i, stream] of streams.entries()) this.#positions.set(stream, readers[i]?.positions ?? new Map())
    client.close()
    if (signal === 'SIGKILL') return
    assert.is(ended, 0, broker.output)
    for (const reader of readers) assert.is(reader.events.at(-1), 'drain')
    assert.ok(
      sessions.every(({ drained }) => drained),
      'every producer was told',
    )
  }

  /** Reads everything back from one more broker, and settles. */
  async settle(): Promise<void> {
    const broker = this.#next
    const client = new Http2Client(await broker.open())
    const contents = new Map<string, ReadRecord[]>()
    for (const stream of streams) contents.set(stream, await this.#readAll(client, stream))
    this.ledger.settle(contents)
    client.close()
    assert.is(await broker.end('SIGTERM'), 0, broker.output)
  }

  async close(): Promise<void> {
    await this.#current?.end('SIGKILL')
    await this.#next.end('SIGKILL')
  }

  /** The broker that was loaded meanwhile; the one after it begins to load. */
  #take(): BrokerChild {
    const broker = this.#next
    this.#current = broker
    this.#next = new BrokerChild(this.#settings)
    return broker
  }

  async #create(client: Http2Client): Promise<void> {
    for (const [i, stream] of streams.entries()) {
      const { status } = await client.ask('PUT', `/v1/streams/${stream}`, { body: { shards: i + 1 } })
      assert.ok(status === 201 || status === 409, `${status}`)
    }
  }

  async #load(client: Http2Client): Promise<RawProducer[]> {
    const sessions = new Map(
      streams.map((stream) => [stream, new RawProducer(client.open(`/v1/streams/${stream}/append`))]),
    )
    await Promise.all(this.#lanes.map((lane) => lane.start(client, sessions.get(lane.stream) as RawProducer)))
    return [...sessions.values()]
  }

  #read(client: Http2Client, stream: string, positions: ReadonlyMap<number, number>): RawReader {
    const body = { from: { sequences: Object.fromEntries(positions) } }
    const opened = client.open(`/v1/streams/${stream}/subscribe`, { body })
    return new RawReader(opened, (record) => this.ledger.saw(stream, record))
  }

  async #reshard(client: Http2Client): Promise<void> {
    const path = `/v1/streams/${this.#random.pick(streams)}`
    const described = await client.ask('GET', path)
    const shards = described.at('shards') as { shard: number; status: string; hashRange: { start: string } }[]
    const open = shards.filter(({ status }) => status === 'open')
    open.sort((a, b) => (BigInt(a.hashRange.start) < BigInt(b.hashRange.start) ? -1 : 1))
    this.shards = Math.max(this.shards, shards.length)
    const place = this.#random.below(open.length)
    const [one, other] = [open[place], open[place + 1]]
    if (open.length > 4 && other !== undefined) {
      await client.ask('POST', `${path}/merge`, { body: { shard: one?.shard, with: other.shard } })
    } else await client.ask('POST', `${path}/split`, { body: { shard: one?.shard } })
  }

  async #readAll(client: Http2Client, stream: string): Promise<ReadRecord[]> {
    const described = await client.ask('GET', `/v1/streams/${stream}`)
    const ends = (described.at('shards') as { shard: number; next: number }[]).map(({ shard, next }) => ({
      shard,
      next,
    }))
    const records: ReadRecord[] = []
    const opened = client.open(`/v1/streams/${stream}/subscribe`, { body: {} })
    const reader = new RawReader(opened, (record) => records.push(record))
    const isRead = () => ends.every(({ shard, next }) => reader.positions.get(shard) === next)
    await Promise.race([until(isRead, `all of ${stream} is read`), reader.over])
    opened.cut()
    return records
  }
}

/** Runs `body` with a run on a fresh directory, and ends what it started. */
export async function running(settings: Omit<EntrySettings, 'data'>, body: (run: Run) => Promise<void>): Promise<void> {
  await withDirectory(async (data) => {
    const run = new Run({ data, limits, ...settings })
    try {
      await body(run)
    } finally {
      await run.close()
    }
  })
}
