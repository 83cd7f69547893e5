import { type Bench, type Contestant, type Sample, withCpu } from '../bench.ts'
import type { Http, RunningKinesis } from '../kinesis/running-kinesis.ts'
import { KinesisStream } from '../kinesis/stream.ts'
import { emptyName, kinesisRivals, withKinesis } from '../kinesis/systems.ts'
import type { Scenario } from '../scenario.ts'

const kibibyte = 1024
const records = 500
const calls = 4
const shards = 4
const largeCalls = 100
const largeRecords = 4
const largeKibibytes = 256
const sampleMillis = 20

function smallCase(http: Http): string {
  return `${records} x 1 KiB, ${calls} calls in flight, ${http}`
}

const largeCase = `${largeRecords} x ${largeKibibytes} KiB, ${largeCalls} calls in flight`

/** PutRecords through the AWS SDK, by both of its handlers. */
export const kinesisPut: Scenario = {
  name: 'kinesis-put',
  about: 'Kinesis PutRecords through the AWS SDK, beside what the SDK reaches against a server that does nothing',
  rivals: kinesisRivals,
  targets: [
    ...(['HTTP/1.1', 'HTTP/2'] as const).map((http) => ({
      what: `PutRecords, ${records} x 1 KiB, ${calls} calls in flight, ${http}, beside an empty HTTP server`,
      case: smallCase(http),
      metric: 'acknowledged',
      against: emptyName,
      atLeast: 0.5,
    })),
    {
      what: `PutRecords, ${largeCalls} parallel calls of 256 KiB records: calls that were refused`,
      case: largeCase,
      metric: 'refused calls',
      atMost: 0,
    },
  ],
  async run(bench) {
    await withKinesis(bench, { ceiling: true }, async (running) => {
      const millis = bench.size(3_000, 200)
      for (const http of ['HTTP/1.1', 'HTTP/2'] as const) {
        const contestants = running.filter((each) => each.speaks(http)).map((each) => putting(each, http, millis))
        await bench.compare(smallCase(http), contestants)
      }
      const [own] = running
      if (own !== undefined) await bench.compare(largeCase, [puttingLarge(bench, own)])
    })
  },
}

function putting(running: RunningKinesis, http: Http, millis: number): Contestant {
  return {
    name: running.name,
    measure: async () => {
      const stream = await KinesisStream.create(running, http, shards)
      let put = 0
      const call = stream.putter(kibibyte, records)
      const load = async (): Promise<Sample[]> => {
        const started = performance.now()
        const lane = async () => {
          while (performance.now() - started < millis) {
            await call()
            put += records
          }
        }
        await Promise.all(Array.from({ length: calls }, lane))
        const seconds = (performance.now() - started) / 1000
        return [
          { metric: 'acknowledged', unit: 'records/s', value: put / seconds },
          { metric: 'acknowledged data', unit: 'MB/s', value: (put * kibibyte) / seconds / 1e6 },
        ]
      }
      try {
        return await withCpu(running.server, load, () => put)
      } finally {
        await stream[Symbol.asyncDispose]()
      }
    },
  }
}

/** Far more at once than there is room for: what does not fit waits in its socket, and memory stays where it is. */
function puttingLarge(bench: Bench, running: RunningKinesis): Contestant {
  return {
    name: running.name,
    measure: async () => {
      const stream = await KinesisStream.create(running, 'HTTP/1.1', shards)
      const call = stream.putter(largeKibibytes * kibibyte, largeRecords)
      let peakBytes = 0
      const look = () => {
        peakBytes = Math.max(peakBytes, running.server.usage()?.anonymousBytes ?? 0)
      }
      const looking = setInterval(look, sampleMillis)
      try {
        const started = performance.now()
        const atOnce = bench.size(largeCalls, 10)
        const count = bench.size(3, 1) * atOnce
        const outcomes: PromiseSettledResult<void>[] = []
        while (outcomes.length < count) {
          outcomes.push(...(await Promise.allSettled(Array.from({ length: atOnce }, call))))
        }
        look()
        const seconds = (performance.now() - started) / 1000
        const data = count * largeRecords * largeKibibytes * kibibyte
        return [
          { metric: 'acknowledged data', unit: 'MB/s', value: data / seconds / 1e6 },
          { metric: 'refused calls', unit: '', value: outcomes.filter(({ status }) => status === 'rejected').length },
          { metric: "the broker's anonymous memory at most", unit: 'MiB', value: peakBytes / 2 ** 20 },
        ]
      } finally {
        clearInterval(looking)
        await stream[Symbol.asyncDispose]()
      }
    },
  }
}
