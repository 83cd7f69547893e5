import { type Bench, type Contestant, type Sample, withCpu } from '../bench.ts'
import type { RunningKinesis } from '../kinesis/running-kinesis.ts'
import { KinesisStream } from '../kinesis/stream.ts'
import { kinesisRivals, withKinesis } from '../kinesis/systems.ts'
import { until } from '../load.ts'
import type { Scenario } from '../scenario.ts'

const bytes = 1024
const shards = 4
const recordsPerPut = 500
/** Rivals get this part of the records, so that a turn takes about as long; figures are per second. */
const rivalShare = 0.1
const metric = 'delivered'
const getCase = `GetRecords, 1 KiB, ${shards} shards`
const subscribeCase = `SubscribeToShard, 1 KiB, ${shards} shards`

/** What is stored, read from its beginning through the AWS SDK. */
export const kinesisRead: Scenario = {
  name: 'kinesis-read',
  about: 'Kinesis GetRecords and SubscribeToShard through the AWS SDK, from the start of the log',
  rivals: kinesisRivals,
  targets: [getCase, subscribeCase].map((name) => ({
    what: `${name.split(',')[0]} through the AWS SDK, beside GetRecords of kinesalite`,
    case: name,
    metric,
    againstCase: getCase,
    against: 'kinesalite',
    atLeast: 5,
  })),
  async run(bench) {
    await withKinesis(bench, { ceiling: false }, async (running) => {
      const volume = bench.size(40_000, 2_000)
      const streams = await Promise.all(running.map((each) => KinesisStream.create(each, 'HTTP/1.1', shards)))
      const filled = running.map((each, i) => ({
        running: each,
        stream: streams[i] as KinesisStream,
        records: recordsPerPut * Math.ceil((volume * (i === 0 ? 1 : rivalShare)) / recordsPerPut),
      }))
      for (const { stream, records } of filled) await stream.fill(records, bytes, recordsPerPut, shards)
      const millis = bench.size(3_000, 200)
      await bench.compare(
        getCase,
        filled.map((each) => getting(each, millis)),
      )
      const pushing = filled.filter((each) => each.running.pushes)
      await bench.compare(
        subscribeCase,
        pushing.map((each) => subscribing(bench, each)),
      )
      for (const stream of streams) await stream[Symbol.asyncDispose]()
    })
  },
}

interface Filled {
  readonly running: RunningKinesis
  readonly stream: KinesisStream
  readonly records: number
}

/** A reader for each shard reads it to its end, again and again. */
function getting({ running, stream }: Filled, millis: number): Contestant {
  return {
    name: running.name,
    measure: async () => {
      let got = 0
      const load = async () => {
        const started = performance.now()
        const read = async (shard: string | undefined) => {
          const start = await stream.iterator(shard)
          let next = start
          do {
            const page = await stream.page(next, seen)
            got += page.records
            next = page.records === 0 ? start : page.next
          } while (performance.now() - started < millis)
        }
        await Promise.all((await stream.shards()).map(({ ShardId }) => read(ShardId)))
        return rates(got, (performance.now() - started) / 1000)
      }
      return withCpu(running.server, load, () => got)
    },
  }
}

/** From the moment a new consumer subscribes to all shards until it has the last record. */
function subscribing(bench: Bench, { running, stream, records }: Filled): Contestant {
  return {
    name: running.name,
    measure: () =>
      withCpu(
        running.server,
        async () => {
          let got = 0
          const count = () => {
            got++
          }
          const started = performance.now()
          const consumer = await stream.subscribe(running.speaks('HTTP/2') ? 'HTTP/2' : 'HTTP/1.1', count)
          try {
            bench.options.progress(`kinesis-read: ${running.name} subscribes`)
            await until('the last record', () => got >= records)
            return rates(got, (performance.now() - started) / 1000)
          } finally {
            await consumer[Symbol.asyncDispose]()
          }
        },
        () => records,
      ),
  }
}

function seen(data: Uint8Array): void {
  if (data.length !== bytes) throw new Error(`a record of ${data.length} bytes came back`)
}

function rates(records: number, seconds: number): Sample[] {
  return [
    { metric, unit: 'records/s', value: records / seconds },
    { metric: `${metric} data`, unit: 'MB/s', value: (records * bytes) / seconds / 1e6 },
  ]
}
